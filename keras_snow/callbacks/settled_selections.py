"""SettledSelections: keeps what settled poolings have chosen."""

from typing import Any

import keras

from keras_snow.recipes.traversal import layers_of


class SettledSelections(keras.callbacks.Callback):
    """Lets the importances agree with settled selections after each epoch.

    A settled pooling trains on the maps that it has fixed, whatever becomes of
    the importances. What is saved are the importances: after each epoch none
    of a map that was left out may exceed those of the fixed ones. Models
    without settled poolings are left alone. It belongs before what looks at
    importances or saves them.

    Examples:
        >>> from keras_snow.layers import ChannelPooling
        >>> pooling = ChannelPooling(k=1)
        >>> pooling.build((None, 2))
        >>> chosen = pooling.settle()
        >>> _ = pooling.importance.assign([1.0, 1.5])
        >>> model = keras.Sequential([keras.Input((1,)), pooling])
        >>> watching = SettledSelections()
        >>> watching.set_model(model)
        >>> watching.on_epoch_end(0)
        >>> bool(pooling.importance[1] < pooling.importance[0])
        True
    """

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Holds the settled selections."""
        for layer in layers_of(self.model):
            if hasattr(layer, "hold"):
                layer.hold()
