"""Wide residual networks for images of 32 pixels."""

from typing import Any

import keras
from keras import layers

from keras_snow.sources.small.parts import activate
from keras_snow.sources.small.parts import convolve
from keras_snow.sources.small.parts import raw_image


def wide_res_net(
    depth: int = 28, width: int = 10, dropout: float = 0.3
) -> keras.Model:
    """A wide residual network: 36.5 million parameters at 28 and 10.

    Reference:
        [Zagoruyko and Komodakis, 2016](https://arxiv.org/abs/1605.07146)

    Args:
        depth: Layers with weights, with the classifier; 6 n + 4.
        width: How many times as many maps as the thin network has.
        dropout: Share of the maps' values that is dropped between the two
            convolutions of a block.

    Examples:
        >>> wide_res_net(10, 1).output_shape
        (None, None, None, 64)
    """
    image, x = raw_image()
    x = convolve(x, 16, 3, "stem")
    for stage in range(1, 4):
        for block in range(1, (depth - 4) // 6 + 1):
            strides = 2 if stage > 1 and block == 1 else 1
            size = 8 * 2**stage * width
            name = f"conv{stage}_block{block}"
            x = _block(x, size, strides, dropout, name)
    return keras.Model(image, activate(x, "end"), name=f"wrn_{depth}_{width}")


def _block(x: Any, size: int, strides: int, dropout: float, name: str) -> Any:
    """A block whose normalisations stand in front of its convolutions."""
    y = activate(x, f"{name}_1")
    if x.shape[-1] != size:
        x = convolve(y, size, 1, f"{name}_0_conv", strides)
    y = convolve(y, size, 3, f"{name}_1_conv", strides)
    y = layers.Dropout(dropout, name=f"{name}_dropout")(
        activate(y, f"{name}_2")
    )
    y = convolve(y, size, 3, f"{name}_2_conv")
    return layers.Add(name=f"{name}_out")([x, y])
