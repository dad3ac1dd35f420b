"""How much two tasks' choices of channels have in common."""

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np


def jaccard(one: np.ndarray, other: np.ndarray) -> float:
    """Returns the share of two sets of channels that is in both.

    Args:
        one: Numbers of channels, in any order.
        other: The same.

    Returns:
        Size of the intersection by that of the union; 1 for two empty sets.

    Examples:
        >>> jaccard(np.array([1, 2, 3]), np.array([3, 4]))
        0.25
    """
    union = np.union1d(one, other)
    if not len(union):
        return 1.0
    return len(np.intersect1d(one, other)) / len(union)


def overlap_matrix(
    selections: Sequence[Mapping[str, np.ndarray]],
) -> np.ndarray:
    """Returns the overlap of each pair of tasks: the mean over shared taps.

    Each tap counts alike, however many channels it has.

    Args:
        selections: For each task, tap -> numbers of the chosen channels.

    Returns:
        `(tasks, tasks)`, symmetric, 1 on the diagonal.

    Raises:
        ValueError: If two tasks have no tap in common.

    Examples:
        >>> tasks = [{"late": np.array([0, 1])}, {"late": np.array([1, 2])}]
        >>> overlap_matrix(tasks).round(2).tolist()
        [[1.0, 0.33], [0.33, 1.0]]
    """
    matrix = np.eye(len(selections))
    for row, one in enumerate(selections):
        for column, other in enumerate(selections[:row]):
            taps = [tap for tap in one if tap in other]
            if not taps:
                raise ValueError(
                    "These tasks read no tap in common; they have other "
                    f"sources. Received: taps={list(one)[:3]} and "
                    f"{list(other)[:3]}"
                )
            shared = [jaccard(one[tap], other[tap]) for tap in taps]
            matrix[row, column] = matrix[column, row] = np.mean(shared)
    return matrix


def chance_overlap(counts: Mapping[str, tuple[int, int]]) -> float:
    """Returns about what `overlap_matrix` gives for choices made at random.

    Args:
        counts: Tap -> how many channels are chosen, and of how many.

    Examples:
        >>> round(chance_overlap({"late": (32, 256)}), 3)
        0.067
    """
    # Two sets of k of n share k * k / n on average.
    found = [(k * k / n) / (2 * k - k * k / n) for k, n in counts.values()]
    return float(np.mean(found))
