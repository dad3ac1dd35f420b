"""Reads the examples of a batch, whatever will take them."""

import copy
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from keras_snow.data.augmentation import Augmentation
from keras_snow.data.augmentation import augment
from keras_snow.data.augmentation import evaluation_crop
from keras_snow.data.cache import Reader

# Keeps the draws of the order and of an image apart.
_ORDER, _IMAGE = 0, 1


class TrainingReader:
    """Batches for training: shuffled, augmented, without end.

    What a batch holds is a pure function of the seed and the batch's number:
    no state, no order of calls, no number of threads changes it.

    Args:
        read: Reads an image by its number.
        labels: The class numbers of all the examples.
        image_size: Pixels of a side of the images made.
        batch_size: Examples in a batch. An epoch's remainder is dropped.
        augmentation: What is done at random to an image.
        seed: What order and augmentation depend on.
        first_epoch: The epoch of batch 0.

    Examples:
        >>> image = np.zeros((8, 8, 3), "uint8")
        >>> reader = TrainingReader(lambda index: image, np.array([0, 1, 0]),
        ...                         8, 2, Augmentation("none"), seed=0)
        >>> images, labels = reader(0)
        >>> images.shape, reader.steps
        ((2, 8, 8, 3), 1)
    """

    def __init__(
        self,
        read: Reader,
        labels: np.ndarray,
        image_size: int,
        batch_size: int,
        augmentation: Augmentation,
        seed: int,
        first_epoch: int = 0,
    ) -> None:
        self.read = read
        self.labels = labels.astype("int32")
        self.image_size = image_size
        self.batch_size = batch_size
        self.augmentation = augmentation
        self.seed = seed
        self.first_epoch = first_epoch
        self.steps = len(labels) // batch_size
        self.rows = slice(0, batch_size)
        self._order_of: Callable[[int], np.ndarray] = lru_cache(4)(self.order)

    @property
    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Of the images and the labels of a batch."""
        count = self.rows.stop - self.rows.start
        image = (self.image_size, self.image_size, 3)
        views = () if self.augmentation.second is None else (2,)
        return (count, *views, *image), (count, *self.labels.shape[1:])

    def share(self, index: int, count: int) -> "TrainingReader":
        """Returns a reader of equal, neighbouring rows of each batch.

        Images of other rows are not read.

        Args:
            index: Which share, from 0.
            count: How many shares there are.

        Raises:
            ValueError: If a batch can't be shared evenly.
        """
        if self.batch_size % count:
            raise ValueError(
                "The batch must divide evenly among the hosts. Received: "
                f"batch_size={self.batch_size}, hosts={count}"
            )
        size = self.batch_size // count
        shared = copy.copy(self)
        shared.rows = slice(index * size, (index + 1) * size)
        return shared

    def order(self, epoch: int) -> np.ndarray:
        """Returns the numbers of the examples in the order of an epoch.

        Args:
            epoch: The epoch, from 0.
        """
        generator = np.random.default_rng((self.seed, _ORDER, epoch))
        return generator.permutation(len(self.labels))

    def example(self, epoch: int, index: int) -> np.ndarray:
        """Returns a training image as it is seen in an epoch, or its views.

        Args:
            epoch: The epoch, from 0.
            index: The example's number.
        """
        generator = np.random.default_rng((self.seed, _IMAGE, epoch, index))
        image = self.read(index)
        first, size = self.augmentation, self.image_size
        seen = augment(image, size, first, generator)
        if first.second is None:
            return seen
        return np.stack([seen, augment(image, size, first.second, generator)])

    def __call__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns images, uint8, and labels, int32.

        Args:
            step: The batch's number since the first epoch.
        """
        epoch, within = divmod(int(step), self.steps)
        epoch += self.first_epoch
        start = within * self.batch_size
        batch = self._order_of(epoch)[start : start + self.batch_size]
        chosen = batch[self.rows]
        images = [self.example(epoch, int(index)) for index in chosen]
        return np.stack(images), self.labels[chosen]


class EvaluationReader:
    """Batches for evaluation: everything once, in order.

    Args:
        read: Reads an image by its number.
        labels: The class numbers of all the examples.
        image_size: Pixels of a side of the images made.
        batch_size: Examples in a batch; the last one may be smaller.

    Examples:
        >>> image = np.zeros((8, 8, 3), "uint8")
        >>> reader = EvaluationReader(lambda index: image, np.arange(3), 8, 2)
        >>> reader(1)[1].tolist(), reader.steps
        ([2], 2)
    """

    def __init__(
        self, read: Reader, labels: np.ndarray, image_size: int, batch_size: int
    ) -> None:
        self.read = read
        self.labels = labels.astype("int32")
        self.image_size = image_size
        self.batch_size = batch_size
        self.steps = -(-len(labels) // batch_size)

    @property
    def shapes(self) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
        """Of the images and the labels of a batch; the last may be smaller."""
        labels = (None, *self.labels.shape[1:])
        return (None, self.image_size, self.image_size, 3), labels

    def __call__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns images, uint8, and labels, int32.

        Args:
            step: The batch's number.
        """
        start = int(step) * self.batch_size
        labels = self.labels[start : start + self.batch_size]
        images = [
            evaluation_crop(self.read(index), self.image_size)
            for index in range(start, start + len(labels))
        ]
        return np.stack(images), labels
