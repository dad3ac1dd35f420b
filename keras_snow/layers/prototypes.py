"""Prototypes: a class is where the features of its few images lie."""

from typing import Any

from keras import initializers
from keras import layers
from keras import ops

from keras_snow.core.checks import check_choice
from keras_snow.core.serialization import serializable

DISTANCES = ("euclidean", "cosine", "parametric")
DROPOUT = 0.5
SCALE = 10.0  # Where the learned factor of cosines starts.


@serializable
class Prototypes(layers.Layer):
    """Compares images with the mean features of each class.

    Reference:
        [Snell et al., 2017](https://arxiv.org/abs/1703.05175), whose distance
        is the squared Euclidean one.

    Args:
        distance: `"euclidean"`, squared; `"cosine"` with a learned factor; or
            `"parametric"`, a learned function of a pair: four dense layers, of
            the features' number of units, a half, a quarter and 1, with
            dropout between.
        seed: Seed of initial weights and dropout.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Call arguments:
        - `support`: Features to learn from.
        - `queries`: Features to answer.
        - `training`: Whether the parametric distance drops units.

    Input shape:
        `(episodes, ways, shots, features)` and `(episodes, queries, features)`

    Output shape:
        `(episodes, queries, ways)`, logits

    Raises:
        ValueError: If the distance is unknown.

    Examples:
        >>> support = np.random.rand(2, 5, 1, 64)
        >>> queries = np.random.rand(2, 75, 64)
        >>> tuple(Prototypes()(support, queries).shape)
        (2, 75, 5)
    """

    def __init__(
        self,
        distance: str = "euclidean",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        check_choice("distance", distance, DISTANCES)
        super().__init__(**kwargs)
        self.distance = distance
        self.seed = seed

    def build(self, support_shape, queries_shape):
        if self.distance == "cosine":
            self.scale = self.add_weight(
                shape=(), initializer=initializers.Constant(SCALE), name="scale"
            )
        elif self.distance == "parametric":
            self._build_function(support_shape[-1])
        self.built = True

    def call(self, support, queries, training=None):
        means = ops.mean(support, axis=-2)
        if self.distance == "parametric":
            return self._learned(means, queries, training)
        if self.distance == "cosine":
            means, queries = ops.normalize(means), ops.normalize(queries)
        cross = ops.matmul(queries, ops.swapaxes(means, -1, -2))
        if self.distance == "cosine":
            return self.scale * cross
        own = ops.sum(ops.square(queries), axis=-1, keepdims=True)
        return 2.0 * cross - own - ops.sum(ops.square(means), axis=-1)[:, None]

    def compute_output_shape(self, support_shape, queries_shape):
        return (*queries_shape[:-1], support_shape[-3])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "distance": self.distance,
            "seed": self.seed,
        }

    def _build_function(self, features):
        """Makes the layers of the function of a query and a class.

        The first one, of both side by side, is the sum of one of each: a class
        and a query are multiplied once, not once a pair.
        """
        sizes = [features, max(features // 2, 1), max(features // 4, 1), 1]
        # Half of He's variance: each sees half of the inputs.
        self.of_query = self._dense(sizes[0], initializers.LecunNormal)
        self.of_class = self._dense(sizes[0], initializers.LecunNormal, 1)
        self.of_query.build((None, features))
        self.of_class.build((None, features))
        self.dropouts = [
            layers.Dropout(DROPOUT, seed=self._seed(10 + index))
            for index in range(3)
        ]
        self.of_pair = [
            self._dense(size, initializers.HeNormal, 2 + index)
            for index, size in enumerate(sizes[1:])
        ]
        for layer, size in zip(self.of_pair, sizes, strict=False):
            layer.build((None, size))

    def _learned(self, means, queries, training):
        pair = (
            self.of_query(queries)[:, :, None] + self.of_class(means)[:, None]
        )
        for dropout, layer in zip(self.dropouts, self.of_pair, strict=True):
            pair = layer(dropout(ops.relu(pair), training=training))
        return pair[..., 0]

    def _dense(self, units, initializer, offset=0):
        kernel = initializer(seed=self._seed(offset))
        return layers.Dense(units, kernel_initializer=kernel)

    def _seed(self, offset):
        return None if self.seed is None else 100 * self.seed + offset
