"""Standardises the features that a probe reads, and leaves out others."""

from typing import Any

import numpy as np
from keras import layers
from keras import ops

from keras_snow.core.checks import check_k
from keras_snow.core.serialization import serializable
from keras_snow.layers.subscription import count_maps

# Squared norm of an example: a linear layer on it then learns at the same rate,
# however many features there are.
SQUARED_NORM = 300.0


@serializable
class FeatureSelection(layers.Layer):
    """Keeps `k` features, each shifted and scaled by constants.

    Which they are and the constants are measured by `adapt`, not trained. Until
    then the first features are kept, as they are. An example's squared norm is
    about 300 afterwards, whatever the number of features.

    Args:
        k: Number of features to keep (int), or the fraction of them (float).
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Input shape:
        `(batch, features)`

    Output shape:
        `(batch, k)`

    Raises:
        ValueError: If `k` exceeds the number of features or is not positive.

    Examples:
        >>> layer = FeatureSelection(k=2)
        >>> layer.build((None, 3))
        >>> layer.adapt(np.random.rand(10, 3), chosen=[0, 2])
        >>> tuple(layer(np.random.rand(4, 3)).shape)
        (4, 2)
    """

    def __init__(self, k: int | float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.k = check_k(k)

    def build(self, input_shape):
        kept = count_maps(self.k, input_shape[-1], self.name)
        self.chosen = self._add_constant("chosen", _count_up, (kept,), "int32")
        self.mean = self._add_constant("mean", "zeros", (kept,))
        self.deviation = self._add_constant("deviation", "ones", (kept,))
        self.built = True

    def call(self, inputs):
        kept = ops.cast(ops.take(inputs, self.chosen, axis=-1), "float32")
        standard = (kept - self.mean) / self.deviation
        return ops.cast(standard, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return (
            input_shape[0],
            count_maps(self.k, input_shape[-1], self.name),
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "k": self.k}

    def adapt(self, features: Any, chosen: Any = None) -> None:
        """Measures mean and standard deviation of the features to keep.

        Args:
            features: A sample, `(examples, features)`.
            chosen: Places of the `k` features to keep, in order. All if None.
        """
        if chosen is None:
            chosen = np.arange(features.shape[-1])
        sample = ops.convert_to_numpy(features)[:, np.asarray(chosen)]
        mean, scale = standardisation(sample)
        self.chosen.assign(np.asarray(chosen, "int32"))
        self.mean.assign(mean)
        self.deviation.assign(scale * (sample.shape[1] / SQUARED_NORM) ** 0.5)

    def _add_constant(self, name, initializer, shape, dtype="float32"):
        return self.add_weight(
            shape=shape,
            initializer=initializer,
            dtype=dtype,
            autocast=False,
            trainable=False,
            name=name,
        )


def standardisation(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and standard deviation of each feature.

    Args:
        features: `(examples, features)`.

    Returns:
        Two arrays `(features,)`; the deviation of a feature that is silent in
        the sample is 1.
    """
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    return mean, np.where(deviation > 1e-5, deviation, 1.0)


def _count_up(shape, dtype=None):
    return ops.arange(shape[0], dtype=dtype)
