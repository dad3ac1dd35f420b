"""Which classes a model takes for which, on a split of a task."""

import keras
import numpy as np

from keras_snow.data.task import Task
from keras_snow.data.task_checks import check_classes as check_classes
from keras_snow.data.task_checks import check_one_class_each
from keras_snow.evaluation.answers import answer
from keras_snow.metrics.confusion_matrix import confusion_matrix


def confusion(
    model: keras.Model,
    task: Task,
    split: str = "test",
    image_size: int = 224,
    batch_size: int = 32,
) -> np.ndarray:
    """Counts a model's answers to the images of each class.

    Args:
        model: Images (raw RGB 0-255) to logits. It need not be compiled.
        task: The task that the model has learned.
        split: `"test"`, `"validation"` or `"train"`.
        image_size: Pixels of a side.
        batch_size: Images a step; no result depends on it.

    Returns:
        `(classes, classes)`, int: row the class, column the answer.

    Raises:
        ValueError: If the split is empty or not there.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> pooled = keras.layers.GlobalAveragePooling2D()(image)
        >>> model = keras.Model(image, keras.layers.Dense(2)(pooled))
        >>> images = np.zeros((20, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10)
        >>> confusion(model, task, image_size=8).sum()
        np.int64(4)
    """
    check_one_class_each(task.multi_label, "A matrix of confusion")
    logits = answer(model, task, split, image_size, batch_size)
    labels = task.labels(split)
    return confusion_matrix(labels, logits.argmax(axis=1), task.num_classes)
