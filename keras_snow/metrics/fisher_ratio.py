"""How well each feature alone tells classes apart."""

import numpy as np

SILENT = 1e-12  # Of a variance.


def fisher_ratio(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the variance between classes by that within classes.

    Reference:
        Fisher, 1936, The use of multiple measurements in taxonomic problems.

    Args:
        features: `(examples, features)`.
        labels: Class numbers, `(examples,)`.

    Returns:
        `(features,)`; 0 for a feature that does not vary.

    Examples:
        >>> features = np.array([[0.0, 1], [2.0, 3], [8.0, 1], [6.0, 3]])
        >>> fisher_ratio(features, np.array([0, 0, 1, 1])).tolist()
        [9.0, 0.0]
    """
    _, numbers, counts = np.unique(
        labels, return_inverse=True, return_counts=True
    )
    sums = np.zeros((len(counts), features.shape[1]))
    np.add.at(sums, numbers, features)
    around = sums / counts[:, None] - features.mean(axis=0, dtype="float64")
    between = (counts[:, None] * np.square(around)).sum(axis=0) / len(labels)
    total = features.var(axis=0, dtype="float64")
    within = np.maximum(total - between, 0.0)
    ratio: np.ndarray = np.where(
        total > SILENT, between / np.maximum(within, SILENT), 0.0
    )
    return ratio
