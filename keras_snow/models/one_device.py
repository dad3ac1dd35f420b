"""What a model of several replicas computes on one device, batch by batch."""

import itertools
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.models.first_batch import can_peek
from keras_snow.models.first_batch import peek


def predict_on_one_device(
    model: keras.Model,
    x: Any,
    batch_size: int | None = None,
    steps: int | None = None,
) -> np.ndarray:
    """Returns a model's answers to any number of images.

    Args:
        model: Images to logits.
        x: Images, as of `peek`.
        batch_size: Images a batch, if `x` is an array.
        steps: Batches at most; all if None.

    Returns:
        Logits, `(images, classes)`.

    Raises:
        ValueError: If there are no images, or they can be read only once.

    Examples:
        >>> image = keras.Input((4, 4, 3))
        >>> model = keras.Model(image, keras.layers.Flatten()(image))
        >>> predict_on_one_device(model, np.zeros((3, 4, 4, 3)), 2).shape
        (3, 48)
    """
    logits = [
        ops.convert_to_numpy(model(images, training=False))
        for images, _ in _batches(x, None, batch_size, steps)
    ]
    return np.concatenate(logits)


def evaluate_on_one_device(
    model: keras.Model,
    x: Any,
    y: Any = None,
    batch_size: int | None = None,
    steps: int | None = None,
    return_dict: bool = False,
    **others: Any,
) -> Any:
    """Returns a compiled model's loss and metrics on any number of images.

    Args:
        model: Images to logits.
        x: Images, as of `peek`.
        y: Labels, if `x` is an array.
        batch_size: Images a batch, if `x` is an array.
        steps: Batches at most; all if None.
        return_dict: Whether to return a dict.
        **others: Of `keras.Model.evaluate`; they don't count here.

    Returns:
        The loss, or a list of loss and metrics, or a dict of them, as of
        `keras.Model.evaluate`.

    Raises:
        ValueError: If there are no images, or they can be read only once.
    """
    del others
    model.reset_metrics()
    for batch in _batches(x, y, batch_size, steps):
        model.test_step(batch)
    measured = model.get_metrics_result()
    found = {name: float(value) for name, value in measured.items()}
    if return_dict:
        return found
    return [*found.values()] if len(found) > 1 else found["loss"]


def _batches(
    x: Any, y: Any, batch_size: int | None, steps: int | None
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Yields the batches of what can be read again, one at least."""
    if not can_peek(x):
        raise ValueError(
            "With several replicas images come as an array or as batches that "
            "can be read again, not by a generator. Received: "
            f"x={type(x).__name__}"
        )
    found = itertools.islice(peek(x, y, batch_size), steps)
    first = next(found, None)
    if first is None or not len(first[0]):
        raise ValueError(f"There are no images. Received: x={type(x).__name__}")
    yield first
    yield from found
