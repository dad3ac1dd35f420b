"""What a matrix of accuracies says about learning one task after another.

Row `i`, column `j` of the matrix is the test accuracy on task `j` after task
`i` was learned, tasks in the order of learning and counted from 0. What was not
measured is NaN. On and below the diagonal stands what was learned; right above
the diagonal, if it was measured, what a task reaches before it is learned.
"""

from typing import Any

import numpy as np


def average_accuracy(matrix: Any) -> float:
    """Returns the mean accuracy on all tasks after the last one.

    Reference:
        ACC of [Lopez-Paz and Ranzato, 2017](https://arxiv.org/abs/1706.08840).

    Args:
        matrix: `(tasks, tasks)`; its last row is read.

    Raises:
        ValueError: If the matrix is not square, or a number is missing.

    Examples:
        >>> average_accuracy([[0.8, np.nan], [0.6, 0.9]])
        0.75
    """
    return float(_learned(matrix)[-1].mean())


def average_incremental_accuracy(matrix: Any) -> float:
    """Returns the mean, over the sequence, of the accuracy on what is known.

    After each task the accuracies on the tasks learned so far are averaged;
    this is the mean of these averages. An early task counts more than a late
    one.

    Reference:
        [Rebuffi et al., 2017](https://arxiv.org/abs/1611.07725), for tasks in
        place of classes.

    Args:
        matrix: `(tasks, tasks)`, on and below the diagonal.

    Raises:
        ValueError: If the matrix is not square, or a number is missing.

    Examples:
        >>> round(average_incremental_accuracy([[0.8, np.nan], [0.6, 0.9]]), 4)
        0.775
    """
    known = _learned(matrix)
    means = [known[i, : i + 1].mean() for i in range(len(known))]
    return float(np.mean(means))


def mean_of_measured_accuracies(matrix: Any) -> float:
    """Returns the mean of all accuracies on and below the diagonal.

    Each measurement counts the same.

    Reference:
        A of [Díaz-Rodríguez et al., 2018](https://arxiv.org/abs/1810.13166).

    Args:
        matrix: `(tasks, tasks)`, on and below the diagonal.

    Raises:
        ValueError: If the matrix is not square, or a number is missing.

    Examples:
        >>> round(mean_of_measured_accuracies([[0.8, np.nan], [0.6, 0.9]]), 4)
        0.7667
    """
    known = _learned(matrix)
    return float(known[np.tril_indices(len(known))].mean())


def forgetting(matrix: Any) -> np.ndarray:
    """Returns how far each task fell from the best that it ever reached.

    Its mean is the paper's average forgetting. The last task, which nothing
    came after, has none.

    Reference:
        F of [Chaudhry et al., 2018](https://arxiv.org/abs/1801.10112).

    Args:
        matrix: `(tasks, tasks)`, on and below the diagonal.

    Returns:
        `(tasks - 1,)`, from -1 to 1; below 0 a task gained from later ones.

    Raises:
        ValueError: If the matrix is not square, has fewer than two tasks, or a
            number is missing.

    Examples:
        >>> forgetting([[0.8, np.nan], [0.6, 0.9]]).round(4).tolist()
        [0.2]
    """
    known = _of_several(matrix)
    last = len(known) - 1
    best = [known[j:last, j].max() for j in range(last)]
    lost: np.ndarray = np.array(best) - known[last, :last]
    return lost


def backward_transfer(matrix: Any) -> float:
    """Returns what later tasks gave to, or took from, those before, on average.

    Reference:
        BWT of [Lopez-Paz and Ranzato, 2017](https://arxiv.org/abs/1706.08840).

    Args:
        matrix: `(tasks, tasks)`, its diagonal and last row.

    Returns:
        From -1 to 1; below 0 is forgetting.

    Raises:
        ValueError: If the matrix is not square, has fewer than two tasks, or a
            number is missing.

    Examples:
        >>> round(backward_transfer([[0.8, np.nan], [0.6, 0.9]]), 4)
        -0.2
    """
    known = _of_several(matrix)
    return float((known[-1] - known.diagonal())[:-1].mean())


def forward_transfer(matrix: Any, baseline: Any) -> float:
    """Returns what earlier tasks gave to a task before it is learned.

    Reference:
        FWT of [Lopez-Paz and Ranzato, 2017](https://arxiv.org/abs/1706.08840).

    Args:
        matrix: `(tasks, tasks)`, right above the diagonal: accuracy on a task
            after the one before it was learned.
        baseline: `(tasks,)`, accuracy on each task before the first was
            learned, measured in the same way. The first is not read.

    Returns:
        From -1 to 1.

    Raises:
        ValueError: If the matrix is not square, has fewer than two tasks,
            baseline and matrix don't fit, or a number is missing.

    Examples:
        >>> matrix = [[0.8, 0.5], [0.6, 0.9]]
        >>> round(forward_transfer(matrix, [np.nan, 0.4]), 4)
        0.1
    """
    known = _square(matrix)
    _check_several(known)
    start = np.asarray(baseline, "float64")
    if start.shape != (len(known),):
        raise ValueError(
            "There must be one baseline a task. Received: "
            f"baseline.shape={start.shape}, matrix.shape={known.shape}"
        )
    gain = known.diagonal(1) - start[1:]
    if not np.isfinite(gain).all():
        raise ValueError(
            "Forward transfer needs the accuracy on each task before it was "
            "learned, and its baseline. Received: "
            f"before={known.diagonal(1).tolist()}, baseline={start.tolist()}"
        )
    return float(gain.mean())


def _square(matrix: Any) -> np.ndarray:
    found = np.asarray(matrix, "float64")
    if found.ndim != 2 or found.shape[0] != found.shape[1] or not found.size:
        raise ValueError(
            "A matrix of accuracies has one row and one column a task. "
            f"Received: matrix.shape={found.shape}"
        )
    return found


def _learned(matrix: Any) -> np.ndarray:
    """Returns the matrix if what was learned was measured."""
    found = _square(matrix)
    known = found[np.tril_indices(len(found))]
    if not np.isfinite(known).all():
        raise ValueError(
            "An accuracy on or below the diagonal is missing. Received: "
            f"matrix={found.tolist()}"
        )
    return found


def _of_several(matrix: Any) -> np.ndarray:
    found = _learned(matrix)
    _check_several(found)
    return found


def _check_several(matrix: np.ndarray) -> None:
    if len(matrix) < 2:
        raise ValueError(
            "What tasks do to each other takes two of them. Received: "
            f"matrix.shape={matrix.shape}"
        )
