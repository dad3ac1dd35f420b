"""A look at the data before `fit` starts, whatever form they come in."""

import itertools
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops


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
        images, labels = pair[:2] if isinstance(pair, tuple) else (pair, None)
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
