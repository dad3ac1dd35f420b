"""TokenEmbedding: tells tokens their places, with a token for the class."""

from typing import Any

import keras
from keras import layers
from keras import ops

from keras_snow.core.checks import check_count
from keras_snow.core.serialization import serializable


@serializable
class TokenEmbedding(layers.Layer):
    """Puts learned tokens before those of an image, and adds positions.

    Reference:
        [Dosovitskiy et al., 2021](https://arxiv.org/abs/2010.11929).

    Args:
        prefix: Number of learned tokens: a class token, registers.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Call arguments:
        - `tokens`: Tokens of patches.

    Input shape:
        `(batch, tokens, channels)`

    Output shape:
        `(batch, prefix + tokens, channels)`

    Examples:
        >>> TokenEmbedding(prefix=1)(np.ones((2, 49, 8))).shape
        TensorShape([2, 50, 8])
    """

    def __init__(self, prefix: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.prefix = check_count("prefix", prefix, minimum=0)

    def build(self, tokens_shape):
        _, count, channels = tokens_shape
        self.learned = self.add_weight(
            shape=(1, self.prefix, channels), initializer="zeros", name="tokens"
        )
        self.positions = self.add_weight(
            shape=(1, self.prefix + count, channels),
            # The standard deviation of the paper's code.
            initializer=keras.initializers.RandomNormal(stddev=0.02),
            name="positions",
        )
        self.built = True

    def call(self, tokens):
        first = ops.tile(
            ops.convert_to_tensor(self.learned), (ops.shape(tokens)[0], 1, 1)
        )
        return ops.concatenate([first, tokens], axis=1) + self.positions

    def compute_output_shape(self, tokens_shape):
        return (tokens_shape[0], *self.positions.shape[1:])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "prefix": self.prefix}
