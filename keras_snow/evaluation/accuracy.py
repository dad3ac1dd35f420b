"""Accuracy of a model on a split of a task."""

from collections.abc import Sequence

import keras

from keras_snow.callbacks.scoring import score
from keras_snow.data.cache import CacheChoice
from keras_snow.data.task import Task
from keras_snow.evaluation.answers import answer


def evaluate(
    model: keras.Model,
    task: Task,
    split: str = "test",
    image_size: int = 224,
    batch_size: int = 32,
    *,
    cache: CacheChoice = None,
    thresholds: Sequence[float] | None = None,
) -> dict[str, float | int]:
    """Scores a model on the centre crops of a split.

    Args:
        model: Images (raw RGB 0-255) to logits. It need not be compiled.
        task: The task that the model has learned.
        split: `"test"`, `"validation"` or `"train"`.
        image_size: Pixels of a side.
        batch_size: Images a step; no result depends on it.
        cache: As of `evaluation_batches`.
        thresholds: Of images with several classes, as of a run's record.

    Returns:
        `top1`, `top5`, `loss` (cross-entropy without smoothing) and `count`;
        of images with several classes `map`, `f1`, `loss` and `count`.

    Raises:
        ValueError: If the split is empty or not there, or the model has
            another number of outputs than the task has classes.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> pooled = keras.layers.GlobalAveragePooling2D()(image)
        >>> model = keras.Model(image, keras.layers.Dense(2)(pooled))
        >>> import numpy as np
        >>> images = np.zeros((20, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10)
        >>> evaluate(model, task, image_size=8)["count"]
        4
    """
    logits = answer(model, task, split, image_size, batch_size, cache=cache)
    return score(logits, task.labels(split), thresholds)
