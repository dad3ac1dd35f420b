"""SettledModel: a delta that is given its chosen maps alone."""

from typing import Any

import keras

from keras_snow.deltas.delta import Delta
from keras_snow.layers.map_statistics import MapStatistics


class SettledModel(keras.Model):
    """Trains a delta on what it has chosen of each tap, without the rest.

    It has the delta's own layers and variables, no others: what it learns the
    delta has learned. Between `settle` and `unsettle` the delta itself can't be
    called on whole taps.

    Args:
        delta: A delta whose taps are all read through channel pooling.
        **kwargs: `name` of `keras.Model`.

    Call arguments:
        - `inputs`: A dict: `"image"` -> `(batch, height, width, 3)`, raw RGB,
          each tap that a block reads -> its chosen maps, `(batch, height,
          width, k)`, and each `NAME_statistics` that a head reads -> those of
          the maps that it chose, `(batch, 2, k)`.

    Output shape:
        `(batch, num_classes)`, logits

    Examples:
        >>> from keras_snow import ResNetDelta, Tap
        >>> taps = [Tap("early", 64, 4), Tap("late", 256, 8)]
        >>> model = SettledModel(ResNetDelta(taps, num_classes=10))
        >>> chosen = model.settle()
        >>> {name: len(channels) for name, channels in chosen.items()}
        {'early': 8, 'early_statistics': 64, 'late_statistics': 256}
        >>> inputs = {
        ...     "image": np.zeros((1, 32, 32, 3)),
        ...     "early": np.ones((1, 8, 8, 8)),
        ...     "early_statistics": np.ones((1, 2, 64)),
        ...     "late_statistics": np.ones((1, 2, 256)),
        ... }
        >>> tuple(model(inputs).shape)
        (1, 10)
        >>> model.unsettle()
    """

    def __init__(self, delta: Delta, **kwargs: Any) -> None:
        # The delta's layers cast what they read.
        super().__init__(autocast=False, dtype=delta.dtype_policy, **kwargs)
        self.delta = delta
        self.names = [Delta.IMAGE, *delta.readings]
        self.inner = _without_measuring(delta, self.names)
        self.built = True

    def call(self, inputs, training=None):
        # `inner(inputs)` would miss the channels that were left out.
        read = [inputs[name] for name in self.names]
        return self.inner.call(read, training=training)

    def settle(self) -> dict[str, list[int]]:
        """Fixes the choice of each tap, and returns it.

        Returns:
            Input -> the chosen channels, in the order in which they are read.
        """
        readings = self.delta.readings
        return {name: readings[name].settle().tolist() for name in readings}

    def unsettle(self) -> None:
        """Gives the choice back to the importances."""
        for pooling in self.delta.poolings:
            pooling.unsettle()


def _without_measuring(delta: Delta, names: list[str]) -> keras.Model:
    """Returns the delta as a function of what its poolings read, as a list."""
    known = {**delta.input}
    for layer in delta.layers:
        if isinstance(layer, MapStatistics):
            known[layer.name] = layer.output
    return keras.Model([known[name] for name in names], delta.output)
