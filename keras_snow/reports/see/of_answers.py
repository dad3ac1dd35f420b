"""Figures of what a run answers on a data set."""

import pathlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_snow.core.files import PathLike
from keras_snow.core.finished_run import read_settings
from keras_snow.data.catalogue import load_task
from keras_snow.data.splitting import HeldOut
from keras_snow.data.task import Task
from keras_snow.data.task_checks import check_classes
from keras_snow.data.task_checks import check_one_class_each
from keras_snow.evaluation.answers import answer
from keras_snow.evaluation.answers import picture_of
from keras_snow.evaluation.answers import sample_mistakes
from keras_snow.evaluation.confusion import confusion
from keras_snow.metrics.mistakes import list_mistakes
from keras_snow.reports.see.kinds import FIGURES
from keras_snow.reports.see.kinds import FigureKind
from keras_snow.reports.see.options import PlotOptions
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.saved_run import load_run
from keras_snow.visualization.confusion import draw_confusion
from keras_snow.visualization.mistakes import draw_mistakes
from keras_snow.visualization.training_curves import draw_training_curves

SPLITTING = (
    "validation",
    "test",
    "split_seed",
    "classes",
    "half",
    "skip_bad",
    "max_pixels",
    "value_range",
    "reading",
)


def _draw_confusion(
    run: PathLike, inputs: Sequence[str], options: PlotOptions
) -> Any:
    model, task, size = _read(run, inputs[0], options)
    matrix = confusion(model, task, options.split, size)
    right = np.trace(matrix) / matrix.sum()
    return draw_confusion(
        matrix,
        task.class_names,
        f"{pathlib.Path(run).name}: {right:.1%} of {matrix.sum()} "
        f"{options.split} images are right",
    )


def _draw_mistakes(
    run: PathLike, inputs: Sequence[str], options: PlotOptions
) -> Any:
    model, task, size = _read(run, inputs[0], options)
    split = options.split
    check_one_class_each(task.multi_label, "A figure of mistakes")
    logits = answer(model, task, split, size)
    mistakes = list_mistakes(logits, task.labels(split), task.class_names)
    shown = sample_mistakes(mistakes, options.count)
    return draw_mistakes(
        [picture_of(task, split, x["index"], size) for x in shown],
        shown,
        f"{pathlib.Path(run).name}: {len(shown)} of {len(mistakes)} mistakes "
        f"on {len(logits)} {split} images",
    )


def _draw_curves(
    run: PathLike, inputs: Sequence[str], options: PlotOptions
) -> Any:
    del options
    curves = {}
    for each in (run, *inputs):
        name = pathlib.Path(each).name
        curves[name if name not in curves else str(each)] = read_curves(each)
    best = None
    if len(curves) == 1:
        ((name, _),) = curves.items()
        best = (name, RunFolder(run).read_record()["best_epoch"])
    return draw_training_curves(curves, ", ".join(curves), best)


def read_curves(run: PathLike) -> dict[str, Any]:
    """Returns a run's numbers, epoch by epoch."""
    path = RunFolder(run).record
    if not path.is_file():
        raise FileNotFoundError(
            f"This folder holds no run: it has no `{path.name}`. "
            f"Received: run={str(run)!r}"
        )
    record = RunFolder(run).read_record()
    curves: dict[str, Any] = record.get("curves", {})
    if not curves.get("epoch"):
        raise ValueError(
            "No epoch of this run is finished, so that there is no curve. "
            f"Received: run={str(run)!r}"
        )
    return curves


def _read(
    run: PathLike, given: str, options: PlotOptions
) -> tuple[keras.Model, Task, int]:
    """The model of a run, the task to ask it about, and its image size."""
    settings = read_settings(run)
    held_out = HeldOut.of_run(settings).changed(
        validation=options.validation,
        test=options.test,
        seed=options.split_seed,
    )
    several = {"multi_label": True} if settings.get("thresholds") else {}
    task = load_task(
        given,
        **held_out.to_dict(),
        classes=options.classes,
        half=options.half,
        skip_bad=options.skip_bad,
        max_pixels=options.max_pixels,
        value_range=options.value_range or settings.get("value_range"),
        **several | dict(options.reading or {}),
    )
    check_classes(task.class_names, settings["class_names"])
    task.split(options.split)
    model, _ = load_run(run, options.source)
    return model, task, settings["image_size"]


for _name, _kind in {
    "confusion": FigureKind(
        _draw_confusion, "a task", 1, 1, ("split", "source", *SPLITTING)
    ),
    "mistakes": FigureKind(
        _draw_mistakes,
        "a task",
        1,
        1,
        ("split", "count", "source", *SPLITTING),
    ),
    "curves": FigureKind(_draw_curves, "further runs", 0, None),
}.items():
    FIGURES.register(_name)(_kind)
