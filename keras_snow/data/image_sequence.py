"""Batches for backends other than TensorFlow."""

from collections.abc import Callable

import keras
import numpy as np


class ImageSequence(keras.utils.PyDataset):
    """Batches that threads make ahead of time, in order.

    Args:
        reader: Function of a batch's number that gives images and labels.
        steps: How many batches there are; `None` if they never end.
        workers: Threads that read.

    Examples:
        >>> batch = np.zeros((1, 8, 8, 3), "uint8"), np.zeros(1, "int32")
        >>> ImageSequence(lambda step: batch, steps=4)[2][0].dtype
        dtype('float32')
    """

    def __init__(
        self,
        reader: Callable[[int], tuple[np.ndarray, np.ndarray]],
        steps: int | None,
        workers: int = 1,
    ) -> None:
        super().__init__(workers=workers, max_queue_size=workers + 2)
        self.reader = reader
        self.steps = steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        images, labels = self.reader(index)
        return images.astype("float32"), labels

    @property
    def num_batches(self) -> int | None:
        return self.steps
