"""Mean of each class and scatter within classes, in one pass over batches."""

from typing import Any

import numpy as np


class ClassMoments:
    """Class means and the scatter around them, gathered batch by batch.

    No feature is kept. Sums are of float64, in which the products of float32
    features lose nothing that matters as long as a mean is not many times the
    deviation; pooled maps are near 0.

    Args:
        num_classes: Number of classes.
        num_features: Number of features.

    Raises:
        ValueError: If there is no class or no feature.

    Examples:
        >>> moments = ClassMoments(num_classes=2, num_features=1)
        >>> moments.update([[1.0], [3.0], [7.0]], [0, 0, 1])
        >>> moments.means.tolist(), moments.scatter.tolist()
        ([[2.0], [7.0]], [[2.0]])
    """

    def __init__(self, num_classes: int, num_features: int) -> None:
        if num_classes < 1 or num_features < 1:
            raise ValueError(
                "There must be a class and a feature. Received: "
                f"num_classes={num_classes}, num_features={num_features}"
            )
        self.counts = np.zeros(num_classes, "int64")
        self._sums = np.zeros((num_classes, num_features))
        self._products = np.zeros((num_features, num_features))

    @property
    def num_features(self) -> int:
        """Number of features."""
        return len(self._products)

    def update(self, features: Any, labels: Any) -> None:
        """Takes a batch into account.

        Args:
            features: `(examples, features)`.
            labels: Class numbers, `(examples,)`.

        Raises:
            ValueError: If shapes don't fit or a feature is not finite. What
                was seen before is kept.
        """
        features = np.asarray(features, "float64")
        labels = np.asarray(labels)
        fits = features.shape == (len(labels), self._sums.shape[1])
        if not fits or not np.isfinite(features).all():
            raise ValueError(
                "Features must be finite, one row an example. Received: "
                f"features.shape={features.shape} for {len(labels)} labels "
                f"and {self._sums.shape[1]} features"
            )
        np.add.at(self._sums, labels, features)
        np.add.at(self.counts, labels, 1)
        self._products += features.T @ features

    @property
    def means(self) -> np.ndarray:
        """Mean of each class, `(classes, features)`.

        Raises:
            ValueError: If a class has no example.
        """
        if not self.counts.all():
            raise ValueError(
                "Every class needs an example. Received: class "
                f"{int(np.argmin(self.counts))} without any"
            )
        means: np.ndarray = self._sums / self.counts[:, None]
        return means

    @property
    def scatter(self) -> np.ndarray:
        """Sum of outer products around the class means, `(features,) * 2`."""
        means = self.means
        around: np.ndarray = self._products - (means.T * self.counts) @ means
        # Rounding leaves it a little skew.
        around += around.T
        around /= 2
        return around
