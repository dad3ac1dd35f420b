"""Mean and standard deviation of each map, what heads read of a tap."""

from typing import Any

import keras
from keras import layers
from keras import ops

from keras_snow.core.serialization import serializable
from keras_snow.layers.global_pooling import average


@serializable
class MapStatistics(layers.Layer):
    """Measures the mean and the standard deviation of each map.

    As `map_statistics`. A layer of its own so that a run that keeps what the
    source gives can keep the statistics instead of the maps.

    Input shape:
        `(batch, height, width, channels)`

    Output shape:
        `(batch, 2, channels)`, float32

    Examples:
        >>> tuple(MapStatistics()(np.ones((2, 7, 7, 64))).shape)
        (2, 2, 64)
    """

    def __init__(self, **kwargs: Any) -> None:
        # Sums of squares are more than half precision holds.
        super().__init__(**{"autocast": False, **kwargs})

    def call(self, inputs):
        return map_statistics(inputs)

    def compute_output_spec(self, inputs):
        shape = (inputs.shape[0], 2, inputs.shape[-1])
        return keras.KerasTensor(shape, dtype="float32")


def map_statistics(maps: Any) -> Any:
    """Returns mean and standard deviation of each map over its pixels.

    Args:
        maps: `(batch, height, width, channels)`; what has another rank is
            returned as it is.

    Returns:
        `(batch, 2, channels)`, float32.
    """
    if len(maps.shape) != 4:
        return maps
    maps = ops.cast(maps, "float32")
    mean = average(maps)
    variance = average(ops.square(maps)) - ops.square(mean)
    # Rounding may leave a constant map with a tiny negative variance.
    deviation = ops.sqrt(ops.maximum(variance, 0.0) + 1e-12)
    return ops.stack([mean, deviation], axis=1)
