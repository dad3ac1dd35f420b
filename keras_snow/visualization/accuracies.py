"""Accuracies while tasks are learned one after another."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from keras_snow.visualization.canvas import LARGE
from keras_snow.visualization.canvas import MEDIUM
from keras_snow.visualization.canvas import SEQUENTIAL
from keras_snow.visualization.canvas import SMALL
from keras_snow.visualization.canvas import label_ticks
from keras_snow.visualization.canvas import new_figure
from keras_snow.visualization.canvas import shorten
from keras_snow.visualization.canvas import show_axes
from keras_snow.visualization.training_curves import COLOURS

WRITTEN = 12  # Tasks up to which the numbers are written into the cells.
HEIGHT = 560
PANEL = 280  # Pixels of a panel's height.
COLUMNS = 2


def draw_accuracy_matrix(
    matrix: Any, names: Sequence[str], title: str = ""
) -> Figure:
    """Draws the accuracy on each task after each task.

    What stands above the diagonal was measured before the task was learned; it
    is written in brackets. What was not measured is left grey.

    Args:
        matrix: `(tasks, tasks)`, from 0 to 1: row `i` after task `i` was
            learned, column `j` the accuracy on task `j`. NaN is unknown.
        names: Of the tasks, in the order of learning.
        title: What to write above.

    Raises:
        ValueError: If matrix and names don't fit.

    Examples:
        >>> matrix = [[0.8, np.nan], [0.6, 0.9]]
        >>> figure = draw_accuracy_matrix(matrix, ["birds", "cars"])
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['80.0', '60.0', '90.0']
    """
    found = _checked(matrix, names)
    count = len(names)
    figure = new_figure(HEIGHT)
    axis = figure.subplots()
    axis.set_facecolor("#dddddd")
    shown = np.ma.masked_invalid(100 * found)
    drawn = axis.imshow(shown, cmap=SEQUENTIAL, vmin=0, vmax=100)
    short = [shorten(name, 22) for name in names]
    label_ticks(axis.yaxis, short, 0.7 * HEIGHT / count)
    label_ticks(axis.xaxis, short, 0.7 * HEIGHT / count)
    axis.tick_params(axis="x", rotation=90)
    axis.set_ylabel("after learning", fontsize=MEDIUM)
    axis.set_xlabel("accuracy on", fontsize=MEDIUM)
    if count <= WRITTEN:
        _write_numbers(axis, found)
    bar = figure.colorbar(drawn, ax=axis, shrink=0.6)
    bar.set_label("test accuracy, %", size=MEDIUM)
    bar.ax.tick_params(labelsize=SMALL)
    axis.set_title(title, fontsize=LARGE)
    return figure


def draw_accuracy_over_sequence(
    runs: Mapping[str, tuple[Any, Sequence[str]]], title: str = ""
) -> Figure:
    """Draws how the accuracy on each task fares while others are learned.

    A panel a run, a line a task from the moment at which it is learned, and in
    black the mean over the tasks learned so far.

    Args:
        runs: By what a panel is called: the matrix of accuracies as of
            `draw_accuracy_matrix`, and the names of the tasks in its order. A
            task has the same colour in all panels.
        title: What to write above.

    Raises:
        ValueError: If there is no run, or matrix and names don't fit.

    Examples:
        >>> matrix = [[0.8, np.nan], [0.6, 0.9]]
        >>> figure = draw_accuracy_over_sequence({"lf": (matrix, ["a", "b"])})
        >>> figure.axes[0].lines[0].get_ydata().round(1).tolist()
        [80.0, 60.0]
    """
    if not runs:
        raise ValueError("There is no run to draw. Received: runs={}")
    columns = min(COLUMNS, len(runs))
    lines = -(-len(runs) // columns)
    figure = new_figure(PANEL * lines + 60)
    axes = figure.subplots(lines, columns, squeeze=False, sharey=True).ravel()
    every = dict.fromkeys(n for _, names in runs.values() for n in names)
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(every)}
    for axis in axes[len(runs) :]:
        axis.set_visible(False)
    for axis, (run, (matrix, names)) in zip(axes, runs.items(), strict=False):
        _draw_run(axis, _checked(matrix, names), names, colours)
        axis.set_title(run, fontsize=MEDIUM)
    axes[0].set_ylim(0, 102)
    handles = {
        line.get_label(): line for axis in axes for line in axis.get_lines()
    }
    figure.legend(
        handles.values(),
        [shorten(str(name), 30) for name in handles],
        loc="outside lower center",
        ncols=min(5, len(handles)),
        fontsize=MEDIUM,
    )
    figure.suptitle(title, fontsize=LARGE)
    return figure


def _checked(matrix: Any, names: Sequence[str]) -> np.ndarray:
    found = np.asarray(matrix, "float64")
    count = len(names)
    if not count or found.shape != (count, count):
        raise ValueError(
            "A matrix of accuracies has one row and one column a task. "
            f"Received: matrix.shape={found.shape}, names={list(names)}"
        )
    return found


def _write_numbers(axis: Any, matrix: np.ndarray) -> None:
    for row, column in np.argwhere(np.isfinite(matrix)):
        value = matrix[row, column]
        text = f"{100 * value:.1f}"
        axis.text(
            column,
            row,
            text if column <= row else f"({text})",
            ha="center",
            va="center",
            size=MEDIUM,
            color="black" if value > 0.6 else "white",
        )


def _draw_run(
    axis: Any,
    matrix: np.ndarray,
    names: Sequence[str],
    colours: Mapping[str, str],
) -> None:
    count = len(names)
    for task, name in enumerate(names):
        axis.plot(
            range(task, count),
            100 * matrix[task:, task],
            label=name,
            color=colours[name],
            marker="o",
            markersize=4,
        )
    means = [100 * matrix[i, : i + 1].mean() for i in range(count)]
    axis.plot(range(count), means, "k--", label="mean so far", linewidth=2)
    axis.set_xticks(range(count), [f"+ {shorten(n, 14)}" for n in names])
    axis.tick_params(axis="x", rotation=20)
    axis.set_ylabel("test accuracy, %", fontsize=MEDIUM)
    axis.grid(alpha=0.3)
    show_axes(axis)
