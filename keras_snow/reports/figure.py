"""Accuracy against speed, a bubble's area its memory: the paper's Figure 4."""

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from keras_snow.core.measures import MEASURES
from keras_snow.core.measures import main_measure
from keras_snow.reports.rows import Row
from keras_snow.visualization.canvas import new_figure

COLUMNS = 3
LARGEST = 900.0  # Area of the largest bubble, in square points.
UNKNOWN = 60.0  # Of a run whose memory is not known.
SNOW_COLOUR = "#2364aa"
OTHER_COLOUR = "#8d99ae"


def draw_comparison(rows: Sequence[Row]) -> Figure:
    """Draws one diagram a task: test accuracy against training images/s.

    What has no accuracy or speed is left out.
    """
    tasks = list(dict.fromkeys(row["task"] for row in rows))
    columns = min(COLUMNS, len(tasks))
    lines = -(-len(tasks) // columns)
    figure = new_figure(height=420 * lines + 50, width=520 * columns)
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for axis in axes[len(tasks) :]:
        axis.set_visible(False)
    largest = max(
        (row.get("peak_memory_bytes") or 0 for row in rows), default=0
    )
    for axis, task in zip(axes, tasks, strict=False):
        shown = [row for row in rows if row["task"] == task and _drawn(row)]
        axis.set_title(task)
        for row in shown:
            _draw(axis, row, largest)
        _finish(axis, shown)
    text = "Test accuracy against training speed"
    if largest:
        text += f"\narea: peak memory, largest {largest / 1e6:.0f} MB"
    figure.suptitle(text, fontsize=11)
    return figure


def _drawn(row: Row) -> bool:
    return bool(main_measure(row) in row and row["images_per_second"])


def _draw(axis: Any, row: Row, largest: int) -> None:
    accuracy, memory = row[main_measure(row)], row["peak_memory_bytes"]
    area = LARGEST * memory / largest if memory else UNKNOWN
    own = row["method"].split(":")[0] == "snow"
    colour = SNOW_COLOUR if own else OTHER_COLOUR
    place = (row["images_per_second"], 100 * accuracy["mean"])
    if accuracy["low"] is not None:
        half = 50 * (accuracy["high"] - accuracy["low"])
        axis.errorbar(*place, yerr=half, color=colour, linewidth=1, capsize=3)
    axis.scatter(*place, s=area, color=colour, alpha=0.6, edgecolor="white")
    name = row["method"] + (" (cached)" if row["cached"] else "")
    axis.annotate(
        name, place, xytext=(0, 4), textcoords="offset points", ha="center"
    )


def _finish(axis: Any, shown: Sequence[Row]) -> None:
    axis.set_xlabel("images/s in training")
    names = {main_measure(row) for row in shown} or {"top1"}
    axis.set_ylabel(f"{' or '.join(MEASURES[x] for x in sorted(names))}, %")
    axis.margins(x=0.25)
    if shown:
        means = [100 * row[main_measure(row)]["mean"] for row in shown]
        axis.set_ylim(*_limits(means))
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    if not shown:
        axis.text(
            0.5,
            0.5,
            "no run has finished",
            transform=axis.transAxes,
            ha="center",
        )


def _limits(percents: Sequence[float]) -> tuple[float, float]:
    """By the means: the interval of two seeds may be wider than the scale."""
    low, high = min(percents), max(percents)
    margin = max(5.0, 0.25 * (high - low))
    return low - margin, high + margin
