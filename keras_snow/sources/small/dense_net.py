"""DenseNets for images of 32 pixels."""

from typing import Any

import keras
from keras import layers

from keras_snow.sources.small.parts import activate
from keras_snow.sources.small.parts import convolve
from keras_snow.sources.small.parts import raw_image


def dense_net_bc(depth: int = 100, growth: int = 12) -> keras.Model:
    """DenseNet-BC of three stages: 0.8 million parameters at 100 and 12.

    Reference:
        [Huang et al., 2017](https://arxiv.org/abs/1608.06993)

    Args:
        depth: Layers with weights, with the classifier; 6 n + 4.
        growth: Maps that a layer adds, the paper's k.

    Examples:
        >>> dense_net_bc(depth=10, growth=4).output_shape
        (None, None, None, 9)
    """
    blocks = [(depth - 4) // 6] * 3
    return dense_net(blocks, growth, f"densenet_bc_{depth}_{growth}")


def dense_net121() -> keras.Model:
    """DenseNet121 whose stem, one 3x3 convolution, keeps the image's size.

    Reference:
        [Huang et al., 2017](https://arxiv.org/abs/1608.06993)
    """
    return dense_net([6, 12, 24, 16], 32, "densenet121_small")


def dense_net(
    blocks: list[int], growth: int, name: str = "densenet"
) -> keras.Model:
    """A DenseNet-BC whose stem keeps the size of the image.

    Reference:
        [Huang et al., 2017](https://arxiv.org/abs/1608.06993)

    Args:
        blocks: Layers of each stage.
        growth: Maps that a layer adds.
        name: Of the network.

    Examples:
        >>> dense_net([1, 1], growth=4).output_shape
        (None, None, None, 10)
    """
    image, x = raw_image()
    x = convolve(x, 2 * growth, 3, "stem")
    for stage, count in enumerate(blocks, start=1):
        if stage > 1:
            x = _halve(x, f"pool{stage}")
        for block in range(1, count + 1):
            x = _grow(x, growth, f"conv{stage}_block{block}")
    return keras.Model(image, activate(x, "end"), name=name)


def _grow(x: Any, growth: int, name: str) -> Any:
    y = convolve(activate(x, f"{name}_0"), 4 * growth, 1, f"{name}_1_conv")
    y = convolve(activate(y, f"{name}_1"), growth, 3, f"{name}_2_conv")
    return layers.Concatenate(name=f"{name}_concat")([x, y])


def _halve(x: Any, name: str) -> Any:
    y = convolve(activate(x, name), x.shape[-1] // 2, 1, f"{name}_conv")
    return layers.AveragePooling2D(2, name=f"{name}_pool")(y)
