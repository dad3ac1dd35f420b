"""What a model answers to the images of a split, and where it errs."""

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from keras_snow.callbacks.scoring import predict_logits
from keras_snow.data.augmentation import evaluation_crop
from keras_snow.data.augmentation import evaluation_side
from keras_snow.data.cache import CacheChoice
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.task import Task
from keras_snow.sources.image_size import fixed_size

# To build a graph takes as long as to answer so many batches without one.
BATCHES_OF_A_GRAPH = 8


def answer(
    model: keras.Model,
    task: Task,
    split: str = "test",
    image_size: int = 224,
    batch_size: int = 32,
    *,
    cache: CacheChoice = None,
) -> np.ndarray:
    """Returns a model's logits for the centre crops of a split.

    Args:
        model: Images (raw RGB 0-255) to logits. It need not be compiled.
        task: The task that the model has learned.
        split: `"test"`, `"validation"` or `"train"`.
        image_size: Pixels of a side.
        batch_size: Images a step; no result depends on it.
        cache: As of `evaluation_batches`.

    Returns:
        `(images, classes)`, in the order of the split.

    Raises:
        ValueError: If the split is empty or not there, or the model has
            another number of outputs than the task has classes.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> pooled = keras.layers.GlobalAveragePooling2D()(image)
        >>> model = keras.Model(image, keras.layers.Dense(2)(pooled))
        >>> images = np.zeros((20, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10)
        >>> answer(model, task, image_size=8).shape
        (4, 2)
    """
    if not len(task.labels(split)):
        raise ValueError(f"The split has no images. Received: split={split!r}")
    outputs = model.compute_output_shape((1, *fixed_size(model), 3))[-1]
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
        return predict_logits(model, batches.data)


def answer_batches(
    model: keras.Model, batches: Iterable[np.ndarray]
) -> Iterator[np.ndarray]:
    """Yields a model's logits of one batch after another.

    A graph is built only where there are enough batches for it to pay.

    Args:
        model: Images (raw RGB 0-255) to logits. It need not be compiled.
        batches: Images, `(batch, height, width, 3)`, float32.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> model = keras.Model(image, keras.layers.GlobalMaxPooling2D()(image))
        >>> next(answer_batches(model, [np.zeros((2, 8, 8, 3))])).shape
        (2, 3)
    """
    on_tensorflow = keras.backend.backend() == "tensorflow"
    for number, images in enumerate(batches):
        if not on_tensorflow:
            yield np.asarray(model.predict_on_batch(images))
        elif number < BATCHES_OF_A_GRAPH:
            yield keras.ops.convert_to_numpy(model(images, training=False))
        else:
            yield predict_logits(model, [(images, None)])


def sample_mistakes(
    mistakes: list[dict[str, Any]], count: int, seed: int = 0
) -> list[dict[str, Any]]:
    """Takes some of the mistakes at random, in their old order.

    Args:
        mistakes: What `list_mistakes` returned.
        count: How many at most.
        seed: What the choice depends on.

    Examples:
        >>> [x["index"] for x in sample_mistakes([{"index": 7}], 12)]
        [7]
    """
    draws = np.random.default_rng(seed).permutation(len(mistakes))[:count]
    return [mistakes[index] for index in sorted(draws)]


def picture_of(
    task: Task, split: str, index: int, image_size: int
) -> np.ndarray:
    """Returns an image as the network sees it in evaluation.

    Args:
        task: The task.
        split: `"test"`, `"validation"` or `"train"`.
        index: Its number in the split.
        image_size: Pixels of a side.

    Returns:
        `(image_size, image_size, 3)`, uint8.
    """
    side = evaluation_side(image_size)
    return evaluation_crop(task.split(split).read(index, side), image_size)
