"""Whitening: makes a distance of what varies within classes count less."""

import dataclasses

import numpy as np

from keras_snow.metrics.shrinkage import check_shrinkage


@dataclasses.dataclass(frozen=True)
class Whitening:
    """A symmetric matrix, kept as what it differs by from the identity.

    Args:
        vectors: Directions, `(features, rank)`.
        factors: What each is multiplied by, less 1, `(rank,)`.

    Examples:
        >>> halve = Whitening(np.array([[1.0], [0.0]]), np.array([-0.5]))
        >>> halve(np.array([[2.0, 2.0]])).tolist()
        [[1.0, 2.0]]
    """

    vectors: np.ndarray
    factors: np.ndarray

    def __call__(self, features: np.ndarray) -> np.ndarray:
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
        >>> measure_whitening(features, np.array([0, 0, 1]), 0.5)(features)
        array([[ 0.57735027,  0.        ],
               [-0.57735027,  0.        ],
               [ 0.        ,  9.        ]])
    """
    if not check_shrinkage(shrinkage):
        raise ValueError(
            "Without a share of the identity the covariance may have no "
            f"inverse. Received: shrinkage={shrinkage}"
        )
    residuals = _around_means(features, labels)
    wide = residuals.shape[1] > residuals.shape[0]
    products = residuals @ residuals.T if wide else residuals.T @ residuals
    values, vectors = np.linalg.eigh(products)
    kept = values > 1e-9 * max(values[-1], 1e-30)
    values, vectors = values[kept], vectors[:, kept]
    if wide:
        vectors = residuals.T @ vectors / np.sqrt(values)
    if not len(values):
        raise ValueError(
            "Two different images of a class are needed to tell how much a "
            f"class varies. Received: {len(features)} images"
        )
    identity = shrinkage * values.sum() / features.shape[1]
    factors = np.sqrt(identity / ((1 - shrinkage) * values + identity)) - 1
    return Whitening(vectors, factors)


def _around_means(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    found = features.astype("float64")
    for label in np.unique(labels):
        found[labels == label] -= found[labels == label].mean(axis=0)
    return found
