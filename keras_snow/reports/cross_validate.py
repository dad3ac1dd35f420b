"""cross_validate: learning rate and stopping epoch chosen on validation."""

import json
import os
import pathlib
from collections.abc import Sequence
from typing import Any

import keras

from keras_snow.core.checks import check_not_negative
from keras_snow.core.files import PathLike
from keras_snow.core.files import read_json
from keras_snow.data.task import Task
from keras_snow.data.task_checks import check_one_class_each
from keras_snow.reports.cross_validation import CrossValidation
from keras_snow.reports.cross_validation_options import CrossValidationOptions
from keras_snow.reports.entry import Entry
from keras_snow.reports.planned_task import check_splits
from keras_snow.training.checks import check_data
from keras_snow.training.fingerprint import describe_source
from keras_snow.training.fingerprint import describe_task
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.verdict import FINISHED

RATES = (0.03, 0.01, 0.003, 0.001, 0.0001)
"""A grid for SGD without momentum at 8 images a step."""


def cross_validate(
    task: Task,
    method: str,
    source: str = "resnet50",
    rates: Sequence[float] = RATES,
    out: PathLike = "crossvalidation",
    options: CrossValidationOptions | None = None,
) -> dict[str, Any]:
    """Chooses learning rate and stopping epoch on validation, then tests once.

    The method is trained with each constant learning rate; after every epoch
    the validation split is scored. The rate and epoch with the best validation
    accuracy are kept (among equals the lower validation loss), and that model
    alone is scored on the test split. A rate that diverges is reported and the
    others go on. What is finished is not trained again: the same call goes on
    after an interruption.

    Args:
        task: What to learn; it needs training, validation and test images.
        method: Name of the method.
        source: Name or path of the source.
        rates: Learning rates to try.
        out: The folder for everything: `record.json`, `crossvalidation.md`,
            `curves.png`, `mistakes.png`, `model/` and `rates/`. `load_run`
            takes it.
        options: Everything else.

    Returns:
        The record, see `CrossValidation`. If every rate diverged its `status`
        is `"diverged"`, and `problem` a sentence.

    Raises:
        TypeError: If a rate is no number.
        ValueError: If an argument, the task or the folder is not what it
            should be.
        OSError: If data can't be read or the folder can't be written.
    """
    options = options or CrossValidationOptions()
    rates = check_rates(rates)
    Entry(method)
    check_one_class_each(task.multi_label, "Cross-validation")
    check_splits(task)
    check_data(task, options.recipe(rates[0]))
    source = os.fspath(source)
    folder = RunFolder(pathlib.Path(out))
    identity = {
        "kind": "crossvalidation",
        "method": method,
        "task": describe_task(task),
        **describe_source(source),
        "rates": rates,
        "backend": keras.backend.backend(),
        **options.identity(),
    }
    # As it will be read again: tuples are lists then.
    identity = json.loads(json.dumps(identity))
    with folder.claimed(identity):
        if folder.record.is_file():
            record: dict[str, Any] = read_json(folder.record)
            if record["status"] == FINISHED:
                return record
        study = CrossValidation(folder, task, method, source, identity, options)
        return study.run(rates)


def check_rates(rates: Sequence[float]) -> list[float]:
    """Returns learning rates as floats if they can be tried.

    Examples:
        >>> check_rates([0.1, 1])
        [0.1, 1.0]
    """
    checked = [check_not_negative("rate", rate) for rate in rates]
    distinct = len(set(checked)) == len(checked)
    if not checked or not all(checked) or not distinct:
        raise ValueError(
            "A cross-validation needs learning rates above 0, each of them "
            f"once. Received: rates={list(rates)}"
        )
    return checked
