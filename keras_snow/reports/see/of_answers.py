"""Figures of what a run answers on a data set."""

import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.core.files import PathLike
from keras_snow.data.catalogue import load_task
from keras_snow.evaluation.confusion import check_classes
from keras_snow.evaluation.confusion import confusion
from keras_snow.reports.see.kinds import FIGURES
from keras_snow.reports.see.kinds import FigureKind
from keras_snow.reports.see.options import PlotOptions
from keras_snow.training.saved_run import load_run
from keras_snow.visualization.confusion import draw_confusion

SPLITTING = ("validation", "test", "split_seed", "skip_bad")


def _draw_confusion(
    run: PathLike, inputs: Sequence[str], options: PlotOptions
) -> Any:
    model, settings = load_run(run, options.source)
    task = load_task(
        inputs[0],
        validation=options.validation,
        test=options.test,
        seed=options.split_seed,
        skip_bad=options.skip_bad,
    )
    check_classes(task.class_names, settings["class_names"])
    matrix = confusion(model, task, options.split, settings["image_size"])
    right = np.trace(matrix) / matrix.sum()
    return draw_confusion(
        matrix,
        task.class_names,
        f"{pathlib.Path(run).name}: {right:.1%} of {matrix.sum()} "
        f"{options.split} images are right",
    )


FIGURES.register("confusion")(
    FigureKind(_draw_confusion, "a task", 1, 1, ("split", "source", *SPLITTING))
)
