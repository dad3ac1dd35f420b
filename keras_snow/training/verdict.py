"""A run that may diverge: how it ended is a result, not an error."""

import gc
from collections.abc import Callable
from typing import Any

import keras

from keras_snow.core.files import PathLike
from keras_snow.data.task import Task
from keras_snow.recipes.recipe import Recipe
from keras_snow.training.fingerprint import describe_run
from keras_snow.training.options import TrainingOptions
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.train import train

FINISHED = "finished"
DIVERGED = "diverged"


def train_to_verdict(
    build: Callable[[], keras.Model],
    task: Task,
    recipe: Recipe,
    out: PathLike,
    image_size: int,
    seed: int,
    config: TrainingOptions,
) -> dict[str, Any]:
    """Trains, unless that was done before, and returns the run's record.

    Args:
        build: Builds the model.
        task: What to learn.
        recipe: How.
        out: The run's folder.
        image_size: Pixels of a side.
        seed: Seed of the run.
        config: As of `train`.

    Returns:
        The record; its `status` is `"finished"` or `"diverged"`.

    Raises:
        ValueError: If the model can't be trained for another reason than that
            it diverges, or the folder holds another run.
    """
    folder = RunFolder(out)
    known = final_record(folder)
    if known is not None:
        folder.check_same(
            known["settings"],
            describe_run(task, recipe, image_size, seed, config),
        )
    else:
        try:
            train(
                build,
                task,
                recipe,
                out=out,
                image_size=image_size,
                seed=seed,
                config=config,
            )
        except ValueError:
            known = final_record(folder)
            if known is None:
                raise
        gc.collect()  # A model and its graphs refer to each other.
    return folder.read_record()


def final_record(folder: RunFolder) -> dict[str, Any] | None:
    """Returns the record of a run that is over; None while it is not.

    Args:
        folder: The run's.
    """
    if not folder.record.is_file():
        return None
    record = folder.read_record()
    return record if record["status"] in (FINISHED, DIVERGED) else None
