"""What a sequence left, from the rows that were measured.

The record of a sequence is one JSON object:

| key | holds |
|---|---|
| `format` | version of this schema: 1 |
| `status` | `"finished"` |
| `method`, `command`, `versions` | as in the record of a run |
| `settings` | what makes this sequence: tasks, source, options |
| `tasks` | names, in the order of learning |
| `matrix` | accuracies; row: after which task, column: on which, null if not measured. Above the diagonal: before the task was learned |
| `start` | accuracy on each task before the sequence, null for the first |
| `measures` | by name, as of `keras_snow.metrics`; null if not measured |
| `forgetting` | of each task but the last |
| `identical` | by row, whether the answers to each earlier task are bit for bit those of when it was learned |
| `largest_change` | by row, of a logit of each earlier task |
| `compared` | by row, on how many test images |
| `costs` | a list: `trained_parameters`; `kept_parameters`, `kept_mb` for this task alone; `common_parameters`, `common_mb` for all; `seconds`, `images_per_second`, `best_epoch` |
| `seconds` | training and validation of all tasks |
"""  # noqa: E501

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow import metrics
from keras_snow.training.record import versions

FORMAT = 1

Record = dict[str, Any]


def build_result(
    names: Sequence[str],
    rows: Sequence[Record],
    identity: Record,
    command: str | None,
) -> Record:
    """Returns the record of a sequence."""
    matrix = matrix_of(rows)
    start = np.array([np.nan] + [_number(row["start"]) for row in rows[:-1]])
    return {
        "format": FORMAT,
        "status": "finished",
        "method": identity["method"],
        "command": " ".join(sys.argv) if command is None else command,
        "versions": versions(),
        "settings": identity,
        "tasks": list(names),
        "matrix": _plain(matrix),
        "start": _plain(start),
        "measures": measure(matrix, start),
        "forgetting": metrics.forgetting(matrix).tolist(),
        "identical": [row["identical"] for row in rows],
        "largest_change": [row["largest_change"] for row in rows],
        "compared": [row["compared"] for row in rows],
        "costs": [row["cost"] for row in rows],
        "seconds": sum(row["cost"]["seconds"] for row in rows),
    }


def matrix_of(rows: Sequence[Record]) -> np.ndarray:
    """Returns the matrix of accuracies.

    Examples:
        >>> rows = [{"accuracies": [0.8], "before": 0.5},
        ...         {"accuracies": [0.6, 0.9], "before": None}]
        >>> matrix_of(rows).tolist()
        [[0.8, 0.5], [0.6, 0.9]]
    """
    matrix = np.full((len(rows), len(rows)), np.nan)
    for number, row in enumerate(rows):
        matrix[number, : number + 1] = row["accuracies"]
        if number + 1 < len(rows):
            matrix[number, number + 1] = _number(row["before"])
    return matrix


def measure(matrix: np.ndarray, start: np.ndarray) -> dict[str, float | None]:
    """Returns what a matrix says, by the names of `keras_snow.metrics`.

    Args:
        matrix: `(tasks, tasks)`.
        start: `(tasks,)`, accuracies before the sequence; NaN if not measured.

    Examples:
        >>> found = measure(np.array([[0.8, np.nan], [0.6, 0.9]]), np.ones(2))
        >>> found["average_accuracy"], found["forward_transfer"]
        (0.75, None)
    """
    measured = np.isfinite(matrix.diagonal(1) - start[1:]).all()
    return {
        "average_accuracy": metrics.average_accuracy(matrix),
        "average_incremental_accuracy": metrics.average_incremental_accuracy(
            matrix
        ),
        "mean_of_measured_accuracies": metrics.mean_of_measured_accuracies(
            matrix
        ),
        "forgetting": float(metrics.forgetting(matrix).mean()),
        "backward_transfer": metrics.backward_transfer(matrix),
        "forward_transfer": (
            metrics.forward_transfer(matrix, start) if measured else None
        ),
    }


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _plain(values: np.ndarray) -> list[Any]:
    """JSON has no NaN."""
    if values.ndim > 1:
        return [_plain(row) for row in values]
    return [float(x) if np.isfinite(x) else None for x in values]
