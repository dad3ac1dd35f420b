"""All maps of a tap, weighed anew for each image: channel-wise attention."""

from typing import Any

import keras
from keras import ops

from keras_snow.core.checks import check_count
from keras_snow.core.serialization import serializable
from keras_snow.layers.subscription import SUBSCRIPTIONS
from keras_snow.layers.subscription import Subscription


@SUBSCRIPTIONS.register("attention")
@serializable
class AttentionSubscription(Subscription):
    """Multiplies each map by a weight that depends on the image.

    The mean and the maximum of every map go through one perceptron with a
    hidden layer of `channels / ratio` units; the sigmoid of the sum of both
    answers is the weight. Features that are given pooled go through it once.

    Reference:
        The channel attention of
        [Woo et al., 2018](https://arxiv.org/abs/1807.06521); "channel-wise
        attention" in Tables 2 and 6 of
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr).

    Args:
        ratio: Maps for each hidden unit. 8 fits the paper's totals.
        seed: Seed of the initial kernels.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Input shape:
        `(batch, height, width, channels)` or `(batch, channels)`

    Output shape:
        The same.

    Examples:
        >>> layer = AttentionSubscription()
        >>> tuple(layer(np.random.rand(2, 14, 14, 64)).shape)
        (2, 14, 14, 64)
    """

    def __init__(
        self, ratio: int = 8, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.ratio = check_count("ratio", ratio)
        self.seed = seed

    def build(self, input_shape):
        super().build(input_shape)
        channels = input_shape[-1]
        hidden = max(1, channels // self.ratio)
        draw = keras.initializers.HeNormal(seed=self.seed)
        self.squeeze = self.add_weight(
            shape=(channels, hidden), initializer=draw, name="squeeze_kernel"
        )
        self.squeeze_bias = self.add_weight(
            shape=(hidden,), initializer="zeros", name="squeeze_bias"
        )
        # From zero: each map begins with the weight of every other.
        self.excite = self.add_weight(
            shape=(hidden, channels), initializer="zeros", name="excite_kernel"
        )
        self.excite_bias = self.add_weight(
            shape=(channels,), initializer="zeros", name="excite_bias"
        )

    def call(self, inputs, training=None):
        inner = tuple(range(1, len(inputs.shape) - 1))
        if not inner:
            return inputs * ops.sigmoid(self._excite(inputs))
        answers = self._excite(ops.mean(inputs, axis=inner))
        answers = answers + self._excite(ops.max(inputs, axis=inner))
        return inputs * ops.expand_dims(ops.sigmoid(answers), inner)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "ratio": self.ratio, "seed": self.seed}

    def _excite(self, pooled):
        hidden = ops.relu(ops.matmul(pooled, self.squeeze) + self.squeeze_bias)
        return ops.matmul(hidden, self.excite) + self.excite_bias
