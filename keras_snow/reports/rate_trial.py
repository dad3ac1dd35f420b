"""The training of a method with one learning rate, test images unseen."""

import pathlib
import shutil
from collections.abc import Callable
from typing import Any

import keras

from keras_snow.data.task import Task
from keras_snow.recipes.recipe import Recipe
from keras_snow.training.options import TrainingOptions
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.verdict import FINISHED
from keras_snow.training.verdict import train_to_verdict

CURVES = ("epoch", "loss", "accuracy", "val_loss", "val_top1")
Trial = dict[str, Any]


def try_rate(
    build: Callable[[], keras.Model],
    task: Task,
    recipe: Recipe,
    out: pathlib.Path,
    image_size: int,
    seed: int,
    config: TrainingOptions,
) -> Trial:
    """Trains with one learning rate, unless that was done before.

    Returns:
        `learning_rate`, `status` (`"finished"` or `"diverged"`), `problem`,
        `best_epoch`, `validation` (the scores of that epoch), `curves`,
        `parameters`, `seconds` and `images_per_second`. What could not be
        measured is None.
    """
    record = train_to_verdict(
        build, task, recipe, out, image_size, seed, config
    )
    shutil.rmtree(RunFolder(out).checkpoints, ignore_errors=True)
    return _trial_of(record)


def _trial_of(record: dict[str, Any]) -> Trial:
    finished = record["status"] == FINISHED
    recipe = record["settings"]["recipe"]
    return {
        "learning_rate": recipe["learning_rate"],
        "status": record["status"],
        "problem": record["problem"],
        "best_epoch": record["best_epoch"] if finished else None,
        "validation": record["results"]["validation"] if finished else None,
        "curves": {
            name: record["curves"][name]
            for name in CURVES
            if name in record["curves"]
        },
        "parameters": record["parameters"],
        "seconds": record["seconds"],
        "images_per_second": record["images_per_second"],
    }
