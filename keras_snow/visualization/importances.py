"""How a task weighs the maps of each tap."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_snow.visualization.canvas import BLUE
from keras_snow.visualization.canvas import GREY
from keras_snow.visualization.canvas import LARGE
from keras_snow.visualization.canvas import MEDIUM
from keras_snow.visualization.canvas import new_figure
from keras_snow.visualization.canvas import shorten
from keras_snow.visualization.canvas import show_axes

COLUMNS = 4
START = 1.0  # What importances start from.


def draw_importances(
    importances: Mapping[str, np.ndarray],
    chosen: Mapping[str, np.ndarray],
    title: str = "",
) -> Figure:
    """Draws the importances of each tap, sorted, the chosen channels marked.

    Args:
        importances: Tap -> importances of its channels, `(channels,)`.
        chosen: Tap -> numbers of the chosen channels.
        title: What to write above.

    Returns:
        The figure, one axis a tap. Of its two lines one has all channels, the
        other the chosen ones.

    Examples:
        >>> weights = {"late": np.array([1.0, 3.0, 0.5])}
        >>> figure = draw_importances(weights, {"late": np.array([1])})
        >>> [line.get_xdata().tolist() for line in figure.axes[0].lines[:2]]
        [[0, 1, 2], [0]]
    """
    count = len(importances)
    columns = min(COLUMNS, count)
    rows = -(-count // columns)
    figure = new_figure(150 * rows + 70)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes[count:]:
        axis.set_visible(False)
    for axis, (tap, values) in zip(axes, importances.items(), strict=False):
        order = np.argsort(-np.asarray(values), kind="stable")
        ranks = np.flatnonzero(np.isin(order, chosen[tap]))
        axis.plot(np.arange(len(order)), values[order], color=GREY, lw=1.2)
        axis.plot(ranks, values[order[ranks]], ".", color=BLUE, ms=3)
        axis.axhline(START, color="black", lw=0.6, ls=":")
        axis.set_title(shorten(tap, 24), fontsize=MEDIUM)
        axis.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axis.yaxis.set_major_locator(MaxNLocator(4))
        show_axes(axis)
    figure.supxlabel("channels by importance", fontsize=MEDIUM)
    figure.supylabel("importance (blue: chosen)", fontsize=MEDIUM)
    figure.suptitle(title, fontsize=LARGE)
    return figure
