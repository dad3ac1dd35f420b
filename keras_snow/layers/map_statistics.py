"""Mean and standard deviation of each map, what heads read of a tap."""

from typing import Any

import keras
import numpy as np
from keras import layers
from keras import ops

from keras_snow.core.serialization import serializable
from keras_snow.layers.global_pooling import average

SILENT = 1e-5  # What varies less in a sample is taken for constant.
LEAST = 0.25  # Of the typical deviation.


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


def steady_deviation(deviation: np.ndarray) -> np.ndarray:
    """Returns deviations to divide features by, none of them near zero.

    A sample of a hundred images tells little about a map that seldom fires: it
    would be divided by next to nothing, and the first image that it fires on
    would drown all other features. So the square of a quarter of the typical
    (median) deviation is added to each square.

    Args:
        deviation: As measured, `(..., channels)`.

    Returns:
        The same shape. Ones where no channel varies at all.

    Examples:
        >>> steady_deviation(np.array([0.0, 1.0, 2.0])).round(2)
        array([0.38, 1.07, 2.03])
    """
    varies = deviation >= SILENT
    seen = np.where(varies, deviation, np.nan)
    silent = ~varies.any(axis=-1, keepdims=True)
    typical = np.nanmedian(np.where(silent, 1.0, seen), axis=-1, keepdims=True)
    steady = np.sqrt(deviation**2 + (LEAST * typical) ** 2)
    return np.where(silent, 1.0, steady)
