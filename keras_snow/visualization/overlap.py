"""How related tasks are, by the channels that they share."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from keras_snow.visualization.canvas import LARGE
from keras_snow.visualization.canvas import MEDIUM
from keras_snow.visualization.canvas import SEQUENTIAL
from keras_snow.visualization.canvas import SMALL
from keras_snow.visualization.canvas import label_ticks
from keras_snow.visualization.canvas import new_figure
from keras_snow.visualization.canvas import shorten

WRITTEN = 12  # Tasks up to which the numbers are written into the cells.
HEIGHT = 560


def draw_overlap(
    matrix: np.ndarray,
    names: Sequence[str],
    chance: float | None = None,
    title: str = "",
) -> Figure:
    """Draws the overlap of each pair of tasks.

    The scale ends at the largest overlap of two different tasks; the diagonal,
    where it is 1, is left grey.

    Args:
        matrix: `(tasks, tasks)`, symmetric, from 0 to 1.
        names: Of the tasks.
        chance: Overlap of two choices at random, for the title.
        title: What to write above.

    Raises:
        ValueError: If there are fewer than two tasks, or the matrix is not one
            of them.

    Examples:
        >>> matrix = np.array([[1.0, 0.2], [0.2, 1.0]])
        >>> figure = draw_overlap(matrix, ["birds", "cars"])
        >>> float(figure.axes[0].images[0].get_array()[0, 1])
        0.2
    """
    matrix, count = np.asarray(matrix, "float64"), len(names)
    if count < 2 or matrix.shape != (count, count):
        raise ValueError(
            "An overlap needs at least two tasks, and a number for each pair. "
            f"Received: names={list(names)}, matrix.shape={matrix.shape}"
        )
    figure = new_figure(HEIGHT)
    axis = figure.subplots()
    axis.set_facecolor("#dddddd")
    pairs = np.ma.masked_array(matrix, mask=np.eye(count, dtype=bool))
    top = float(pairs.max()) or 1.0
    drawn = axis.imshow(pairs, cmap=SEQUENTIAL, vmin=0, vmax=top)
    short = [shorten(name, 22) for name in names]
    label_ticks(axis.yaxis, short, 0.7 * HEIGHT / count)
    label_ticks(axis.xaxis, short, 0.7 * HEIGHT / count)
    axis.tick_params(axis="x", rotation=90)
    if count <= WRITTEN:
        for row, column in np.argwhere(~np.eye(count, dtype=bool)):
            value = matrix[row, column]
            axis.text(
                column,
                row,
                f"{value:.3f}",
                ha="center",
                va="center",
                size=MEDIUM,
                color="black" if value > 0.6 * top else "white",
            )
    bar = figure.colorbar(drawn, ax=axis, shrink=0.6)
    text = "shared part of the chosen channels"
    if chance is not None:
        text += f" (by chance {chance:.3f})"
    bar.set_label(text, size=MEDIUM)
    bar.ax.tick_params(labelsize=SMALL)
    axis.set_title(title, fontsize=LARGE)
    return figure
