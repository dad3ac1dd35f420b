"""The demo's figure: what the tasks look like, and what was reached."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from keras_snow.data.task import Task
from keras_snow.reports.demo.settings import TITLES
from keras_snow.visualization.canvas import new_figure

COLOURS = {"snow": "#2364aa", "fo": "#f0a202", "scratch": "#8d99ae"}
PICTURES = 6


def draw_demo(
    tasks: Mapping[str, Task], rows: Sequence[dict[str, Any]]
) -> Figure:
    """Draws one line a task: pictures with their classes, and bars.

    Args:
        tasks: Tasks by name.
        rows: What the methods reached, see `run_demo`.
    """
    figure = new_figure(height=190 * len(tasks) + 60, width=1100)
    ratios = [1] * PICTURES + [3.2]
    axes = figure.subplots(
        len(tasks), PICTURES + 1, squeeze=False, width_ratios=ratios
    )
    for line, (name, task) in zip(axes, tasks.items(), strict=True):
        _show_pictures(line[:-1], name, task)
        _show_bars(line[-1], [row for row in rows if row["task"] == name])
    figure.suptitle(
        "Tasks that share one frozen source: accuracy on new images"
    )
    return figure


def _show_pictures(axes: np.ndarray, name: str, task: Task) -> None:
    labels = task.labels("test")
    classes = np.linspace(0, task.num_classes - 1, PICTURES).round().astype(int)
    for axis, number in zip(axes, classes, strict=True):
        # The next unused one, where a class is shown twice.
        nth = int((classes[: list(axes).index(axis)] == number).sum())
        index = int(np.flatnonzero(labels == number)[nth])
        axis.imshow(task.split("test").read(index))
        axis.set_title(task.class_names[number], fontsize=8)
        axis.set_xticks([])
        axis.set_yticks([])
    axes[0].set_ylabel(name, fontsize=11, fontweight="bold")


def _show_bars(axis: Any, rows: Sequence[dict[str, Any]]) -> None:
    rows = rows[::-1]
    bars = axis.barh(
        [TITLES[row["method"]] for row in rows],
        [row["top1"] for row in rows],
        color=[COLOURS[row["method"]] for row in rows],
    )
    axis.bar_label(bars, [f"{row['top1']:.0%}" for row in rows], padding=3)
    axis.axvline(rows[0]["chance"], color="black", linewidth=0.8, linestyle=":")
    axis.set_xlim(0, 1.12)
    axis.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"], fontsize=8)
    axis.tick_params(axis="y", labelsize=9)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
