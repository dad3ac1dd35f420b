"""Accuracy of a model on a split of a task."""

import keras

from keras_snow.callbacks.scoring import predict_logits
from keras_snow.callbacks.scoring import score
from keras_snow.data.cache import CacheChoice
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.task import Task


def evaluate(
    model: keras.Model,
    task: Task,
    split: str = "test",
    image_size: int = 224,
    batch_size: int = 32,
    *,
    cache: CacheChoice = None,
) -> dict[str, float | int]:
    """Scores a model on the centre crops of a split.

    Args:
        model: Images (raw RGB 0-255) to logits. It need not be compiled.
        task: The task that the model has learned.
        split: `"test"`, `"validation"` or `"train"`.
        image_size: Pixels of a side.
        batch_size: Images a step; no result depends on it.
        cache: As of `evaluation_batches`.

    Returns:
        `top1`, `top5`, `loss` (cross-entropy without smoothing) and `count`.

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
    labels = task.labels(split)
    if not len(labels):
        raise ValueError(f"The split has no images. Received: split={split!r}")
    outputs = model.compute_output_shape((1, None, None, 3))[-1]
    if outputs != task.num_classes:
        raise ValueError(
            "This model was trained on another task. "
            f"Received: a model with {outputs} outputs for "
            f"{task.num_classes} classes"
        )
    batches = evaluation_batches(
        task, split, image_size, batch_size, cache=cache
    )
    with batches.plain_errors():
        logits = predict_logits(model, batches.data)
    return score(logits, labels)
