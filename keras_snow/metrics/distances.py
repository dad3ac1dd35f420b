"""Distances from class means, and how far is too far."""

from collections.abc import Sequence

import numpy as np


def squared_distances(means: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Returns squared Euclidean distances of features from class means.

    Args:
        means: `(classes, features)`.
        features: `(examples, features)`.

    Returns:
        `(examples, classes)`, not below 0.

    Examples:
        >>> means = np.array([[0.0], [3.0]])
        >>> squared_distances(means, np.array([[1.0]])).tolist()
        [[1.0, 4.0]]
    """
    cross = features @ means.T
    own = np.square(features).sum(axis=1)[:, None]
    distances: np.ndarray = own - 2 * cross + np.square(means).sum(axis=1)
    # Rounding takes a distance of 0 below it.
    distances[distances < 0.0] = 0.0
    return distances


def calibrate_threshold(
    distances: Sequence[float] | np.ndarray, level: float
) -> float:
    """Returns the distance that a share of the examples does not exceed.

    A new example of the same kind is then accepted with a probability of at
    least `level` (split conformal prediction, Vovk et al., 2005). Fewer than
    `level / (1 - level)` examples, 19 for 0.95, can't promise that: the
    threshold is the largest distance among them.

    Args:
        distances: Of examples that were not learned from.
        level: Share to accept, above 0 and below 1.

    Raises:
        ValueError: If there is no example, or `level` is out of range.

    Examples:
        >>> calibrate_threshold(range(1, 100), 0.95)
        95.0
        >>> calibrate_threshold([1.0, 2.0], 0.95)
        2.0
    """
    found = np.sort(np.asarray(distances, "float64"))
    check_level(level)
    if not len(found):
        raise ValueError("A threshold needs examples. Received: 0 examples")
    rank = int(np.ceil(level * (len(found) + 1) - 1e-9))
    return float(found[min(rank, len(found)) - 1])


def check_level(level: float) -> float:
    """Returns a share of examples to accept if it can be one.

    Args:
        level: Above 0 and below 1.

    Raises:
        ValueError: If it is out of range.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(
            f"A level is above 0 and below 1. Received: level={level}"
        )
    return level
