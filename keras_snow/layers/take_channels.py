"""Reads a fixed list of maps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import layers
from keras import ops

from keras_snow.core.serialization import serializable


@serializable
class TakeChannels(layers.Layer):
    """Takes the maps of a list that never changes; a constant of the graph.

    Args:
        channels: Numbers of the maps, in the order of the output.
        axis: Which axis holds them.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Output shape:
        That of the input, with as many channels as the list has.

    Examples:
        >>> tuple(TakeChannels([3, 1])(np.ones((2, 4, 4, 8))).shape)
        (2, 4, 4, 2)
    """

    def __init__(
        self, channels: Sequence[int], axis: int = -1, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.channels = [int(channel) for channel in channels]
        self.axis = axis

    def call(self, inputs):
        channels = np.array(self.channels, "int32")
        return ops.take(inputs, channels, axis=self.axis)

    def compute_output_shape(self, input_shape):
        shape = list(input_shape)
        shape[self.axis] = len(self.channels)
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "channels": self.channels,
            "axis": self.axis,
        }
