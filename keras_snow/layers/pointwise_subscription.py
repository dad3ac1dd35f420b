"""K mixtures of all maps of a tap: a learned 1x1 convolution."""

from typing import Any

import keras
from keras import ops

from keras_snow.core.checks import check_k
from keras_snow.core.serialization import serializable
from keras_snow.layers.subscription import SUBSCRIPTIONS
from keras_snow.layers.subscription import Subscription
from keras_snow.layers.subscription import count_maps


@SUBSCRIPTIONS.register("pointwise")
@serializable
class PointwiseSubscription(Subscription):
    """Convolves all maps to `k` maps, 1x1, without a bias.

    Every map is read, so it costs `channels / k` times what a choice of `k`
    maps does, and `channels * k` parameters where that has `channels`.

    Reference:
        "1 x 1 conv" in Tables 2 and 6 of
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr), after
        the laterals of [Rusu et al., 2016](https://arxiv.org/abs/1606.04671).

    Args:
        k: Number of maps to make (int), or the fraction of the tap's (float).
        seed: Seed of the initial kernel.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Input shape:
        `(batch, height, width, channels)` or `(batch, channels)`

    Output shape:
        The same with `k` channels.

    Raises:
        ValueError: If `k` exceeds the number of maps or is not positive.

    Examples:
        >>> layer = PointwiseSubscription(k=8)
        >>> tuple(layer(np.random.rand(2, 14, 14, 64)).shape)
        (2, 14, 14, 8)
    """

    def __init__(
        self, k: int | float = 0.125, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.k = check_k(k)
        self.seed = seed

    def build(self, input_shape):
        super().build(input_shape)
        channels = input_shape[-1]
        self.kernel = self.add_weight(
            shape=(channels, self.num_maps(channels)),
            initializer=keras.initializers.HeNormal(seed=self.seed),
            name="kernel",
        )

    def call(self, inputs, training=None):
        kernel = ops.convert_to_tensor(self.kernel)
        return ops.tensordot(inputs, kernel, axes=1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.num_maps(input_shape[-1]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "k": self.k, "seed": self.seed}

    def num_maps(self, channels: int) -> int:
        """Returns how many maps are made.

        Args:
            channels: Number of maps of the tap.

        Raises:
            ValueError: If `k` exceeds it.
        """
        return count_maps(self.k, channels, self.name)
