"""How much of each level of a source a task keeps, and how it weighs it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from keras_snow.visualization.canvas import BLUE
from keras_snow.visualization.canvas import GREY
from keras_snow.visualization.canvas import LARGE
from keras_snow.visualization.canvas import MEDIUM
from keras_snow.visualization.canvas import SMALL
from keras_snow.visualization.canvas import label_ticks
from keras_snow.visualization.canvas import new_figure
from keras_snow.visualization.canvas import shorten
from keras_snow.visualization.canvas import show_axes
from keras_snow.visualization.importances import START

LINE = 26  # Pixels a level.


def draw_levels(
    importances: Mapping[str, np.ndarray],
    chosen: Mapping[str, np.ndarray],
    title: str = "",
) -> Figure:
    """Draws for each tap the share that is kept, and its importances.

    The lines on the right reach from the 5th to the 95th hundredth of the
    importances; the dots are medians.

    Args:
        importances: Tap -> importances of its channels, in the order of depth.
        chosen: Tap -> numbers of the chosen channels.
        title: What to write above.

    Examples:
        >>> weights = {"late": np.array([1.0, 3.0, 0.5, 0.2])}
        >>> figure = draw_levels(weights, {"late": np.array([1])})
        >>> float(figure.axes[0].patches[0].get_width())
        25.0
    """
    taps = list(importances)
    figure = new_figure(LINE * len(taps) + 120)
    left, right = figure.subplots(1, 2, sharey=True)
    counts = [(len(chosen[tap]), len(importances[tap])) for tap in taps]
    bars = left.barh(
        range(len(taps)), [100 * k / n for k, n in counts], color=BLUE
    )
    texts = [f"{k} of {n}" for k, n in counts]
    left.bar_label(bars, texts, padding=3, fontsize=SMALL)
    left.set_xlim(0, 1.35 * max(100 * k / n for k, n in counts))
    left.set_xlabel("channels kept, %", fontsize=MEDIUM)
    label_ticks(left.yaxis, [shorten(tap, 26) for tap in taps], LINE)
    left.invert_yaxis()
    for place, tap in enumerate(taps):
        values = np.asarray(importances[tap])
        kept = np.isin(np.arange(len(values)), chosen[tap])
        _draw_range(right, place + 0.18, values[~kept], GREY, "left out")
        _draw_range(right, place - 0.18, values[kept], BLUE, "chosen")
    right.axvline(START, color="black", lw=0.6, ls=":")
    right.set_xlabel("importance", fontsize=MEDIUM)
    handles, names = right.get_legend_handles_labels()
    known = dict(zip(names, handles, strict=True))
    figure.legend(
        known.values(),
        known.keys(),
        fontsize=SMALL,
        loc="outside lower right",
        ncols=2,
        frameon=False,
    )
    for axis in (left, right):
        show_axes(axis)
    figure.suptitle(title, fontsize=LARGE)
    return figure


def _draw_range(
    axis: Any, place: float, values: np.ndarray, colour: str, label: str
) -> None:
    if not len(values):
        return
    low, middle, high = np.percentile(values, [5, 50, 95])
    axis.plot([low, high], [place, place], color=colour, lw=2)
    axis.plot([middle], [place], "o", color=colour, ms=4, label=label)
