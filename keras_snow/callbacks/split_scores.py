"""Scores of the splits of a task, and what an epoch's accuracy is."""

from collections.abc import Mapping

import keras
import numpy as np

from keras_snow.callbacks.scoring import probabilities
from keras_snow.callbacks.scoring import score
from keras_snow.data.task import Task
from keras_snow.metrics.several_classes import best_thresholds


def score_splits(
    logits: Mapping[str, np.ndarray], task: Task
) -> tuple[dict[str, dict[str, float | int]], list[float] | None]:
    """Scores splits, of several classes with thresholds of the validation.

    Args:
        logits: By split.
        task: The task.

    Returns:
        What `score` says of each, and the thresholds; None if an image has one
        class, or there are no validation images.

    Examples:
        >>> images = np.zeros((20, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10)
        >>> found, _ = score_splits({"test": np.zeros((4, 2))}, task)
        >>> found["test"]["count"]
        4
    """
    thresholds = None
    if task.multi_label and "validation" in logits:
        thresholds = best_thresholds(
            probabilities(logits["validation"]), task.labels("validation")
        ).tolist()
    found = {
        split: score(rows, task.labels(split), thresholds)
        for split, rows in logits.items()
    }
    return found, thresholds


def accuracy_metric(multi_label: bool) -> keras.metrics.Metric:
    """Returns the training accuracy by logits.

    Args:
        multi_label: Whether it is the share of right yes and no of all classes.
    """
    if multi_label:
        return keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)
    return keras.metrics.SparseCategoricalAccuracy(name="accuracy")
