"""Figures of what a run chose; none needs the source."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.callbacks.selection_figure import draw_history
from keras_snow.core.files import PathLike
from keras_snow.core.registry import nearest_names
from keras_snow.evaluation.task_selections import TaskSelections
from keras_snow.evaluation.task_selections import read_history
from keras_snow.metrics.selection_overlap import chance_overlap
from keras_snow.metrics.selection_overlap import overlap_matrix
from keras_snow.reports.see.kinds import FIGURES
from keras_snow.reports.see.kinds import FigureKind
from keras_snow.reports.see.options import PlotOptions
from keras_snow.visualization.importances import draw_importances
from keras_snow.visualization.levels import draw_levels
from keras_snow.visualization.overlap import draw_overlap


def _draw_selections(
    run: PathLike, _: Sequence[str], options: PlotOptions
) -> Any:
    return draw_history(read_history(run), options.taps)


def _draw_importances(
    run: PathLike, _: Sequence[str], options: PlotOptions
) -> Any:
    task = _read(run, options)
    return draw_importances(
        task.importances, task.chosen, f"Importances: {task.name}"
    )


def _draw_levels(run: PathLike, _: Sequence[str], options: PlotOptions) -> Any:
    task = _read(run, options)
    return draw_levels(
        task.importances, task.chosen, f"What is kept of each tap: {task.name}"
    )


def _draw_overlap(
    run: PathLike, others: Sequence[str], options: PlotOptions
) -> Any:
    tasks = [_read(each, options) for each in (run, *others)]
    matrix = overlap_matrix([task.chosen for task in tasks])
    chance = float(np.mean([chance_overlap(task.counts) for task in tasks]))
    names = [task.name for task in tasks]
    return draw_overlap(matrix, names, chance, "Channels that tasks share")


def _read(run: PathLike, options: PlotOptions) -> TaskSelections:
    """Reads a task, and of it the wanted taps."""
    task = TaskSelections.read(run)
    if options.taps is None:
        return task
    known = list(task.chosen)
    for tap in options.taps:
        if tap not in known:
            raise ValueError(
                f"The task chose nothing of such a tap. "
                f"{nearest_names(tap, known)} Received: tap={tap!r}"
            )
    return TaskSelections(
        task.name,
        {tap: task.chosen[tap] for tap in options.taps},
        {tap: task.importances[tap] for tap in options.taps},
    )


for _name, _kind in {
    "selections": FigureKind(_draw_selections, options=("taps",)),
    "importances": FigureKind(_draw_importances, options=("taps",)),
    "levels": FigureKind(_draw_levels, options=("taps",)),
    "overlap": FigureKind(
        _draw_overlap, "one or more further runs", 1, None, ("taps",)
    ),
}.items():
    FIGURES.register(_name)(_kind)
