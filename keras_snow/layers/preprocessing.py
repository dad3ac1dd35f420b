"""Turns raw RGB into what a source was trained on."""

from typing import Any

from keras import layers
from keras import ops

from keras_snow.core.pixel_scale import FAMILIES
from keras_snow.core.pixel_scale import check_scale
from keras_snow.core.pixel_scale import read_scale
from keras_snow.core.serialization import serializable

MODES = ["none", *FAMILIES]
# The constants of `keras.applications.imagenet_utils`.
_CAFFE_MEAN = (103.939, 116.779, 123.68)
_TORCH_MEAN = (123.675, 116.28, 103.53)
_TORCH_STD = (58.395, 57.12, 57.375)


@serializable
class Preprocessing(layers.Layer):
    """Scales raw RGB pixels the way a family of networks expects.

    Args:
        mode: `"caffe"`: BGR with the means taken off. `"tf"`: -1 to 1.
            `"torch"`: RGB, means taken off, divided by standard deviations.
            `"none"`: left as it is. Or a range that 0 to 255 becomes, such as
            `"0..1"`, or a factor, such as `"1/64"`.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Input shape:
        `(batch, height, width, 3)`, values 0 to 255

    Output shape:
        The same.

    Raises:
        ValueError: If the mode is unknown.

    Examples:
        >>> float(Preprocessing("tf")(np.full((1, 1, 1, 3), 255.0))[0, 0, 0, 0])
        1.0
    """

    def __init__(self, mode: str = "none", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mode = mode if mode in MODES else check_scale(mode)

    def call(self, inputs):
        if self.mode == "caffe":
            return inputs[..., ::-1] - self._constant(_CAFFE_MEAN)
        if self.mode == "tf":
            return inputs / 127.5 - 1.0
        if self.mode == "torch":
            centred = inputs - self._constant(_TORCH_MEAN)
            return centred / self._constant(_TORCH_STD)
        if self.mode != "none":
            scale = read_scale(self.mode)
            return inputs / scale.divisor + scale.offset
        return inputs

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mode": self.mode}

    def _constant(self, values):
        return ops.convert_to_tensor(values, dtype=self.compute_dtype)
