"""What a model is fitted on, with what else there is to know about it."""

import contextlib
import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from typing import Any


def timed(
    read: Callable[[int], Any], ready: dict[int, float]
) -> Callable[[int], Any]:
    """Returns a reader that notes when it has read a batch.

    Args:
        read: Gives the batch of a number.
        ready: Is given the seconds of `time.perf_counter`, by that number.
    """

    def read_and_note(step: int) -> Any:
        batch = read(step)
        ready[int(step)] = time.perf_counter()
        return batch

    return read_and_note


@dataclass(frozen=True, eq=False)
class Batches:
    """Batches of images and labels.

    Args:
        data: What `model.fit` takes: a `tf.data.Dataset` on the TensorFlow
            backend, else a `keras.utils.PyDataset`. It yields images, float32
            RGB from 0 to 255, `(batch, size, size, 3)`, and labels, int32.
        steps: Batches in an epoch:
            `model.fit(data, steps_per_epoch=steps, shuffle=False)`.
        num_examples: Examples in an epoch.
        batch_size: Examples in a batch.
        image_size: Pixels of a side.
        reader: Function of a batch's number that gives its images, uint8, and
            labels; what `data` calls.
        failures: What went wrong in reading.
        ready: When each batch had been read, in seconds of
            `time.perf_counter`, by its number.

    Examples:
        >>> batches = Batches(data=[], steps=3, num_examples=96,
        ...                   batch_size=32, image_size=224,
        ...                   reader=lambda step: None)
        >>> batches.steps
        3
    """

    data: Any
    steps: int
    num_examples: int
    batch_size: int
    image_size: int
    reader: Callable[[int], Any]
    failures: list[BaseException] = field(default_factory=list, repr=False)
    ready: dict[int, float] = field(default_factory=dict, repr=False)

    @contextlib.contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Raises what went wrong in reading, not TensorFlow's wrapping of it.

        `with batches.plain_errors(): model.fit(batches.data, ...)` gives a
        `ValueError` that names the bad file.
        """
        self.failures.clear()
        try:
            yield
        except Exception as error:
            if self.failures and error is not self.failures[0]:
                raise self.failures[0] from None
            raise
