"""A vision transformer for small images."""

from typing import Any

import keras
from keras import layers

from keras_snow.layers.token_embedding import TokenEmbedding


def vit(
    image_size: int = 32,
    patch: int = 4,
    channels: int = 128,
    blocks: int = 6,
    heads: int = 4,
    prefix: int = 1,
) -> keras.Model:
    """A vision transformer: all its blocks have maps of one size.

    Reference:
        [Dosovitskiy et al., 2021](https://arxiv.org/abs/2010.11929), with
        fewer and thinner blocks.

    Args:
        image_size: Pixels of a side of all images.
        patch: Pixels of a side of a patch.
        channels: Numbers of a token.
        blocks: Number of blocks.
        heads: Heads of an attention.
        prefix: Tokens before those of the patches; the first is the class'.

    Examples:
        >>> vit(16, channels=8, blocks=1).output_shape
        (None, 17, 8)
    """
    image = keras.Input((image_size, image_size, 3), name="image")
    x = layers.Rescaling(1 / 64, offset=-2.0, name="rescaling")(image)
    x = layers.Conv2D(channels, patch, patch, name="patches")(x)
    x = layers.Reshape((-1, channels), name="tokens")(x)
    x = TokenEmbedding(prefix, name="embedding")(x)
    for block in range(1, blocks + 1):
        x = _block(x, channels, heads, f"block{block}")
    x = layers.LayerNormalization(name="end_norm")(x)
    return keras.Model(image, x, name="vit_small")


def _block(x: Any, channels: int, heads: int, name: str) -> Any:
    y = layers.LayerNormalization(name=f"{name}_1_norm")(x)
    attend = layers.MultiHeadAttention(
        heads, channels // heads, name=f"{name}_attention"
    )
    x = layers.Add(name=f"{name}_1_add")([x, attend(y, y)])
    y = layers.LayerNormalization(name=f"{name}_2_norm")(x)
    y = layers.Dense(4 * channels, "gelu", name=f"{name}_2_dense")(y)
    y = layers.Dense(channels, name=f"{name}_3_dense")(y)
    return layers.Add(name=f"{name}_out")([x, y])
