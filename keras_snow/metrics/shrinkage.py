"""A covariance that has an inverse."""

import numpy as np


def shrink_covariance(
    covariance: np.ndarray, count: int, shrinkage: float | None = None
) -> tuple[np.ndarray, float]:
    """Moves a covariance towards a multiple of the identity.

    With more features than examples a covariance has no inverse; a part of its
    mean variance on the diagonal gives it one.

    Reference:
        OAS of [Chen et al., 2010](https://arxiv.org/abs/0907.4698), which needs
        no more than the covariance itself.

    Args:
        covariance: `(features, features)`.
        count: Examples (less the means that were taken off) that it is of.
        shrinkage: Share of the identity, from 0 to 1. By OAS if None.

    Returns:
        The covariance, and the share of the identity.

    Raises:
        ValueError: If `shrinkage` is out of range.

    Examples:
        >>> found, share = shrink_covariance(np.diag([3.0, 1.0]), 9, 0.5)
        >>> found.tolist(), share
        ([[2.5, 0.0], [0.0, 1.5]], 0.5)
    """
    size = len(covariance)
    variance = float(np.trace(covariance)) / size
    if shrinkage is None:
        squares = float(np.sum(covariance * covariance)) / size**2
        spread = (count + 1) * (squares - variance**2 / size)
        share = (squares + variance**2) / spread if spread > 0 else 1.0
        shrinkage = min(share, 1.0)
    check_shrinkage(shrinkage)
    shrunk = (1.0 - shrinkage) * covariance
    shrunk[np.diag_indices(size)] += shrinkage * variance
    return shrunk, float(shrinkage)


def check_shrinkage(shrinkage: float | None) -> float | None:
    """Returns a share of the identity if it is one.

    Args:
        shrinkage: From 0 to 1, or None.

    Raises:
        ValueError: If it is out of range.
    """
    if shrinkage is not None and not 0.0 <= shrinkage <= 1.0:
        raise ValueError(
            f"`shrinkage` is a share from 0 to 1. Received: "
            f"shrinkage={shrinkage}"
        )
    return shrinkage
