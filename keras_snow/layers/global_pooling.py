"""The mean of each map, by the kernel that is fastest for it."""

from typing import Any

import keras
from keras import layers
from keras import ops

from keras_snow.core.serialization import serializable


@serializable
class GlobalPooling(layers.Layer):
    """Averages maps over height and width.

    `keras.layers.GlobalAveragePooling2D` reduces over two axes; where the size
    is known, the pooling kernel does the same in half the time on a CPU.

    Input shape:
        `(batch, height, width, channels)`

    Output shape:
        `(batch, channels)`

    Examples:
        >>> tuple(GlobalPooling()(np.ones((2, 7, 7, 64))).shape)
        (2, 64)
    """

    def call(self, inputs):
        return average(inputs)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])


def average(maps: Any) -> Any:
    """Returns the mean of each map.

    Args:
        maps: `(batch, height, width, channels)`.

    Returns:
        `(batch, channels)`, in the type of the maps.
    """
    height, width = maps.shape[1:3]
    # The kernel sums in the type of the maps, and half precision overflows;
    # the mean sums in float32.
    is_half = keras.backend.standardize_dtype(maps.dtype) != "float32"
    if height is None or width is None or is_half:
        return ops.mean(maps, axis=(1, 2))
    window = (height, width)
    pooled = ops.average_pool(
        maps, window, strides=window, data_format="channels_last"
    )
    return ops.squeeze(pooled, axis=(1, 2))
