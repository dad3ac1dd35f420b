"""Which classes are taken for which."""

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

COUNTED = 12  # Classes up to which the counts are written into the cells.
HEIGHT = 720


def draw_confusion(
    matrix: np.ndarray, class_names: Sequence[str], title: str = ""
) -> Figure:
    """Draws a confusion matrix; a row's colours are its shares.

    Args:
        matrix: Counts, `(classes, classes)`: row the class, column the answer.
        class_names: One name a class.
        title: What to write above.

    Raises:
        ValueError: If matrix and names don't fit.

    Examples:
        >>> figure = draw_confusion(np.array([[3, 1], [0, 4]]), ["cat", "dog"])
        >>> figure.axes[0].images[0].get_array().tolist()
        [[0.75, 0.25], [0.0, 1.0]]
    """
    matrix, count = np.asarray(matrix), len(class_names)
    if matrix.shape != (count, count):
        raise ValueError(
            "A confusion matrix has one row and one column a class. Received: "
            f"matrix.shape={matrix.shape} for {count} classes"
        )
    total = matrix.sum(axis=1, keepdims=True)
    shares = matrix / np.maximum(total, 1)
    figure = new_figure(HEIGHT)
    axis = figure.subplots()
    drawn = axis.imshow(shares, cmap=SEQUENTIAL, vmin=0, vmax=1)
    names = [shorten(name, 18) for name in class_names]
    # A quarter of the height is taken by names and title.
    room = 0.75 * HEIGHT / count
    label_ticks(axis.yaxis, names, room)
    label_ticks(axis.xaxis, names, room)
    axis.tick_params(axis="x", rotation=90)
    axis.set_xlabel("answer", fontsize=MEDIUM)
    axis.set_ylabel("class", fontsize=MEDIUM)
    axis.set_title(title, fontsize=LARGE)
    if count <= COUNTED:
        _write_counts(axis, matrix, shares)
    bar = figure.colorbar(drawn, ax=axis, shrink=0.6)
    bar.set_label("share of the class", size=MEDIUM)
    bar.ax.tick_params(labelsize=SMALL)
    return figure


def _write_counts(axis: Any, matrix: np.ndarray, shares: np.ndarray) -> None:
    for (row, column), number in np.ndenumerate(matrix):
        if number:
            axis.text(
                column,
                row,
                f"{number:g}",
                ha="center",
                va="center",
                size=SMALL,
                color="black" if shares[row, column] > 0.5 else "white",
            )
