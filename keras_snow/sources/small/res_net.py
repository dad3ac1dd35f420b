"""ResNet18 for images of 32 pixels."""

from typing import Any

import keras
from keras import layers

from keras_snow.sources.small.parts import activate
from keras_snow.sources.small.parts import convolve
from keras_snow.sources.small.parts import normalise
from keras_snow.sources.small.parts import raw_image


def res_net18(filters: int = 64) -> keras.Model:
    """ResNet18 whose stem, one 3x3 convolution, keeps the size of the image.

    Reference:
        [He et al., 2016](https://arxiv.org/abs/1512.03385), with the stem that
        [Chen et al., 2020](https://arxiv.org/abs/2002.05709) use for CIFAR-10.

    Args:
        filters: Maps of the first stage.

    Examples:
        >>> res_net18(8).output_shape
        (None, None, None, 64)
    """
    image, x = raw_image()
    x = activate(convolve(x, filters, 3, "conv1_conv"), "conv1")
    for stage in range(4):
        for block in range(2):
            strides = 2 if stage and not block else 1
            name = f"conv{stage + 2}_block{block + 1}"
            x = _block(x, filters * 2**stage, strides, name)
    return keras.Model(image, x, name="resnet18_small")


def _block(x: Any, size: int, strides: int, name: str) -> Any:
    y = convolve(x, size, 3, f"{name}_1_conv", strides)
    y = convolve(activate(y, f"{name}_1"), size, 3, f"{name}_2_conv")
    y = normalise(y, f"{name}_2_bn")
    if strides > 1:
        x = convolve(x, size, 1, f"{name}_0_conv", strides)
        x = normalise(x, f"{name}_0_bn")
    return layers.ReLU(name=f"{name}_out")(
        layers.Add(name=f"{name}_add")([x, y])
    )
