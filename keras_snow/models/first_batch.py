"""A look at the data before `fit` starts, whatever form they come in."""

import itertools
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.core.checks import check_labels
from keras_snow.core.checks import check_pixels

# What is looked at before the first step, at most: all of a small set.
CHECKED_IMAGES = 20_000


def peek(
    x: Any, y: Any = None, batch_size: int | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Yields batches of images and labels as NumPy arrays, from the start.

    Args:
        x: Images as an array, or a `keras.utils.PyDataset`, or an iterable that
            can be started again, such as a `tf.data.Dataset`.
        y: Labels, if `x` is an array.
        batch_size: Images a batch, if `x` is an array.

    Yields:
        Images and labels (None if there are none). Nothing for a generator,
        which can be read only once.
    """
    if isinstance(x, Mapping) and len(x) == 1:
        (x,) = x.values()
    if isinstance(x, keras.utils.PyDataset):
        endless = x.num_batches is None
        indices = itertools.count() if endless else range(x.num_batches)
        pairs: Iterable[Any] = (x[index] for index in indices)
    elif hasattr(x, "shape") and hasattr(x, "__getitem__"):
        size = batch_size or 32
        pairs = (
            (x[i : i + size], None if y is None else y[i : i + size])
            for i in range(0, len(x), size)
        )
    elif isinstance(x, Iterable) and not isinstance(x, Iterator):
        pairs = x
    else:
        return
    for pair in pairs:
        # Keras takes a list for a tuple; a third part are weights of examples.
        parts = list(pair) if isinstance(pair, (tuple, list)) else [pair]
        images, labels = [*parts, None][:2]
        if isinstance(images, Mapping):
            raise ValueError(
                "Batches are images, or pairs of images and labels, not "
                f"dictionaries. Received: keys={list(images)}"
            )
        yield (
            ops.convert_to_numpy(images),
            None if labels is None else ops.convert_to_numpy(labels),
        )


def can_peek(x: Any) -> bool:
    """Tells whether `peek` sees the images, as they can be read twice.

    Args:
        x: As of `peek`.

    Examples:
        >>> can_peek(np.zeros((2, 8, 8, 3))), can_peek(iter([]))
        (True, False)
    """
    if isinstance(x, keras.utils.PyDataset):
        return True
    return isinstance(x, Iterable) and not isinstance(x, Iterator)


def comes_to_an_end(x: Any) -> bool:
    """Tells whether batches are known to end by themselves.

    Args:
        x: As of `peek`.

    Examples:
        >>> comes_to_an_end(np.zeros((2, 8, 8, 3)))
        True
        >>> import itertools
        >>> comes_to_an_end(itertools.repeat(0))
        False
    """
    if isinstance(x, keras.utils.PyDataset):
        return x.num_batches is not None
    if hasattr(x, "cardinality"):
        # Of a `tf.data.Dataset`: -1 if it is endless, -2 if nobody knows.
        return int(x.cardinality()) >= 0
    return hasattr(x, "__len__")


def check_data(
    x: Any,
    y: Any,
    batch_size: int | None,
    num_classes: int | None,
    check_size: Callable[[int, int], None],
    steps: int | None = None,
) -> tuple[int | None, int]:
    """Looks at pixels and labels, those of up to `CHECKED_IMAGES` images.

    Args:
        x: As of `peek`.
        y: Labels, if `x` is an array.
        batch_size: Images a batch, if `x` is an array.
        num_classes: Number of classes; None if labels are no class numbers
            and are not looked at.
        check_size: Raises if images of a height and width can't be read.
        steps: Batches to look at, if not all.

    Returns:
        The batch size, None if it can't be seen; and how many images were
        looked at, all of them unless there are `CHECKED_IMAGES` or more.

    Raises:
        ValueError: If pixels or labels are not what they should be.
    """
    size, seen = None, 0
    for step, (images, labels) in enumerate(peek(x, y, batch_size), start=1):
        check_pixels(images)
        if size is None:
            size = len(images)
            if not size:
                raise ValueError(
                    "There are no images. Received: a first batch without any"
                )
            check_size(*images.shape[1:3])
        if labels is not None and num_classes:
            check_labels(labels, num_classes)
        seen += len(images)
        if seen >= CHECKED_IMAGES or step == steps:
            break
    if size is None and can_peek(x):
        what = getattr(x, "shape", type(x).__name__)
        raise ValueError(f"There are no images. Received: x={what}")
    if y is not None and num_classes:
        check_labels(y, num_classes)
    return size or batch_size, seen


def check_validation(given: Any, *arguments: Any) -> None:
    """Looks at validation data as at those that are learned.

    Args:
        given: What Keras takes as `validation_data`; None is fine.
        *arguments: As of `check_data`, from `batch_size` to `steps`.

    Raises:
        ValueError: As of `check_data`.
    """
    if isinstance(given, (tuple, list)):
        check_data(given[0], given[1] if len(given) > 1 else None, *arguments)
    elif given is not None:
        check_data(given, None, *arguments)
