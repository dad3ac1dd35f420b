"""Whether a run begins with a solved head."""

from typing import Any

import keras

from keras_snow.callbacks.scoring import predict_logits
from keras_snow.callbacks.scoring import score
from keras_snow.core.files import PathLike
from keras_snow.core.files import read_json
from keras_snow.data.task import Task
from keras_snow.data.views import MOST_EXAMPLES
from keras_snow.deltas.solved_head import can_solve_head
from keras_snow.deltas.solved_head import check_solvable
from keras_snow.deltas.solved_head import hold_head
from keras_snow.metrics.ridge import check_rows
from keras_snow.models.snow_model import SNOWModel
from keras_snow.training.feed import ImageFeed
from keras_snow.training.options import TrainingOptions
from keras_snow.training.run_folder import RunFolder

KEY = "solve_head"
"""Of what makes a run; runs with a trained head lack it."""


def as_begun(config: TrainingOptions, out: PathLike | None) -> TrainingOptions:
    """Returns options with which a run goes on as it was begun.

    Args:
        config: As of `train`.
        out: The run's folder.
    """
    for folder in (out, config.init):
        if config.solve_head is None and folder is not None:
            run = RunFolder(folder).run
            if run.is_file():
                return config.replace(solve_head=KEY in read_json(run))
    return config


def hold_if_solved(
    model: keras.Model, task: Task, solve_head: bool | None
) -> dict[str, Any]:
    """Holds the head of a model if it will be solved.

    Args:
        model: A built model.
        task: What it learns.
        solve_head: As of `TrainingOptions`.

    Returns:
        What is to be said of it in the identity of the run.

    Raises:
        ValueError: If it is asked for and the head can't be solved.
    """
    delta = model.delta if isinstance(model, SNOWModel) else None
    if solve_head is None:
        few = len(task.split("train")) <= MOST_EXAMPLES
        solve_head = few and can_solve_head(delta)
    if not solve_head:
        return {}
    check_solvable(delta)
    check_rows(len(task.split("train")))
    hold_head(model.delta)
    return {KEY: True}


def solve_start(feed: ImageFeed) -> dict[str, float]:
    """Solves the head of a run.

    Args:
        feed: What feeds images to the whole model.

    Returns:
        `penalty` and `left_out_top1` of the regression, and if there are
        validation images `val_top1`, `val_top5` and `val_loss` of the model.
    """
    found = feed.solve_head()
    validation = feed.validation()
    if validation is None:
        return found
    logits = predict_logits(feed.model, validation)
    scores = score(logits, feed.task.labels("validation"))
    return found | {f"val_{x}": scores[x] for x in scores if x != "count"}
