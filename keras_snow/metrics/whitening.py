"""Whitening: what varies within classes is made to count less."""

from typing import NamedTuple

import numpy as np

from keras_snow.metrics.shrinkage import check_shrinkage


class Whitening(NamedTuple):
    """A symmetric matrix, kept as what it differs by from the identity.

    Examples:
        >>> halve = Whitening(np.array([[1.0], [0.0]]), np.array([-0.5]))
        >>> halve.apply(np.array([[2.0, 2.0]])).tolist()
        [[1.0, 2.0]]
    """

    vectors: np.ndarray
    """Directions, `(features, rank)`."""
    factors: np.ndarray
    """What each is multiplied by, less 1, `(rank,)`."""

    def apply(self, features: np.ndarray) -> np.ndarray:
        """Multiplies features by the matrix.

        Args:
            features: `(examples, features)`.
        """
        moved = (features @ self.vectors * self.factors) @ self.vectors.T
        whitened: np.ndarray = features + moved
        return whitened


def measure_whitening(
    features: np.ndarray, labels: np.ndarray, shrinkage: float
) -> Whitening:
    """Returns what makes the covariance within classes a sphere.

    It is the root of the inverse, up to a factor. The covariance is shrunk as
    by `shrink_covariance`, and is never formed where there are fewer examples
    than features.

    Args:
        features: `(examples, features)`.
        labels: Class numbers, `(examples,)`.
        shrinkage: Share of the identity in the covariance, above 0, up to 1.

    Raises:
        ValueError: If `shrinkage` is out of range, or no class varies.

    Examples:
        >>> features = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 9.0]])
        >>> whitening = measure_whitening(features, np.array([0, 0, 1]), 0.5)
        >>> whitening.apply(features).round(3).tolist()
        [[0.577, 0.0], [-0.577, 0.0], [0.0, 9.0]]
    """
    check_shrinkage(shrinkage)
    around = features.astype("float64")
    for label in np.unique(labels):
        around[labels == label] -= around[labels == label].mean(axis=0)
    wide = around.shape[1] > around.shape[0]
    products = around @ around.T if wide else around.T @ around
    values, vectors = np.linalg.eigh(products)
    kept = values > 1e-9 * max(values[-1], 1e-30)
    values, vectors = values[kept], vectors[:, kept]
    if wide:
        vectors = around.T @ vectors / np.sqrt(values)
    identity = shrinkage * values.sum() / features.shape[1]
    if not identity > 0.0:
        raise ValueError(
            "Two different images of a class are needed to tell how much a "
            f"class varies. Received: {len(features)} images, "
            f"shrinkage={shrinkage}"
        )
    factors = np.sqrt(identity / ((1 - shrinkage) * values + identity)) - 1
    return Whitening(vectors, factors)
