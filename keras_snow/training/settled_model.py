"""SettledModel: a delta that is given its chosen maps alone."""

from typing import Any

import keras

from keras_snow.callbacks.choices import tap_of
from keras_snow.deltas.delta import Delta


class SettledModel(keras.Model):
    """Trains a delta on the maps that it has chosen, without the others.

    It has the delta's own layers and variables, no others: what it learns the
    delta has learned. Between `settle` and `unsettle` the delta itself can't be
    called on whole taps.

    Args:
        delta: A delta whose taps are all read through channel pooling.
        **kwargs: `name` of `keras.Model`.

    Call arguments:
        - `inputs`: A dict: `"image"` -> `(batch, height, width, 3)`, raw RGB,
          and each tap name -> its chosen maps, `(batch, height, width, k)`.

    Output shape:
        `(batch, num_classes)`, logits

    Examples:
        >>> from keras_snow import ResNetDelta, Tap
        >>> taps = [Tap("early", 64, 4), Tap("late", 256, 8)]
        >>> model = SettledModel(ResNetDelta(taps, num_classes=10))
        >>> chosen = model.settle()
        >>> {name: len(channels) for name, channels in chosen.items()}
        {'early': 8, 'late': 32}
        >>> image = np.zeros((1, 32, 32, 3))
        >>> early, late = np.ones((1, 8, 8, 8)), np.ones((1, 4, 4, 32))
        >>> inputs = {"image": image, "early": early, "late": late}
        >>> tuple(model(inputs).shape)
        (1, 10)
        >>> model.unsettle()
    """

    def __init__(self, delta: Delta, **kwargs: Any) -> None:
        # The delta's layers cast what they read.
        super().__init__(autocast=False, dtype=delta.dtype_policy, **kwargs)
        self.delta = delta
        self.built = True

    def call(self, inputs, training=None):
        # `delta(inputs)` would miss the channels that were left out.
        return self.delta.call(inputs, training=training)

    def settle(self) -> dict[str, list[int]]:
        """Fixes the choice of each tap, and returns it.

        Returns:
            Tap -> the chosen channels, in the order in which they are read.
        """
        poolings = self.delta.poolings
        return {tap_of(x.name): x.settle().tolist() for x in poolings}

    def unsettle(self) -> None:
        """Gives the choice back to the importances."""
        for pooling in self.delta.poolings:
            pooling.unsettle()
