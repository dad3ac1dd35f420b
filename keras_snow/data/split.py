"""The examples of one part of a task."""

from dataclasses import dataclass
from dataclasses import field

import numpy as np

from keras_snow.data.store import Store


@dataclass(frozen=True, eq=False)
class Split:
    """Images and their labels: the training part of a task, say.

    It holds numbers of images in a store, so that choosing, ordering and
    splitting never copies a pixel.

    Args:
        store: Where the images are.
        indices: Numbers of this split's images in the store.
        labels: Their class numbers, int32; or a row of zeros and ones each,
            `(examples, classes)`, if an image may have several classes.

    Examples:
        >>> from keras_snow.data.array_store import ArrayStore
        >>> store = ArrayStore(np.zeros((3, 8, 8, 3), "uint8"))
        >>> split = Split(store, np.arange(3), np.array([0, 1, 0]))
        >>> len(split.take([0, 2]))
        2
    """

    store: Store
    indices: np.ndarray
    labels: np.ndarray
    _memory: dict[int, list[np.ndarray | None]] = field(
        default_factory=dict, repr=False
    )

    def __len__(self) -> int:
        return len(self.indices)

    def read(self, index: int, shorter_side: int | None = None) -> np.ndarray:
        """Returns an image as uint8 RGB, `(height, width, 3)`.

        Args:
            index: Its number in this split.
            shorter_side: Larger images are shrunk to this shorter side.
        """
        return self.store.read(int(self.indices[index]), shorter_side)

    def name(self, index: int) -> str:
        """Returns what a person calls the image: its path, or its number.

        Args:
            index: Its number in this split.
        """
        return self.store.name(int(self.indices[index]))

    def identity(self, index: int) -> str:
        """Returns a text that is another one when the image is another one.

        Args:
            index: Its number in this split.
        """
        return self.store.identity(int(self.indices[index]))

    def cache_key(self, index: int) -> str:
        """Returns the identity, and when the image was changed last.

        Args:
            index: Its number in this split.
        """
        return self.store.cache_key(int(self.indices[index]))

    def take(self, chosen: np.ndarray | list[int]) -> "Split":
        """Returns a split of some of the examples.

        Args:
            chosen: Their numbers in this split, in the order wanted.
        """
        chosen = np.asarray(chosen, "int64")
        return Split(self.store, self.indices[chosen], self.labels[chosen])

    def counts(self, num_classes: int) -> np.ndarray:
        """Returns how many examples each class has.

        Args:
            num_classes: How many classes there are.
        """
        if self.labels.ndim == 2:
            totals: np.ndarray = self.labels.sum(axis=0)
            return totals
        return np.bincount(self.labels, minlength=num_classes)

    def memory(self, shorter_side: int) -> list[np.ndarray | None]:
        """Returns the places of the images kept in memory, `None` if not yet.

        They live as long as the split, so that many runs on one task decode
        its images once.

        Args:
            shorter_side: The size that the images are kept at.
        """
        return self._memory.setdefault(shorter_side, [None] * len(self))


def whole(store: Store, labels: np.ndarray) -> Split:
    """Returns all the images of a store as a split.

    Args:
        store: Where the images are.
        labels: Their class numbers, or rows of zeros and ones.

    Raises:
        ValueError: If there are more or fewer labels than images.

    Examples:
        >>> from keras_snow.data.array_store import ArrayStore
        >>> store = ArrayStore(np.zeros((3, 8, 8, 3), "uint8"))
        >>> len(whole(store, np.zeros(3, "int32")))
        3
    """
    if len(store) != len(labels):
        raise ValueError(
            "There must be one label for each image. "
            f"Received: {len(store)} images and {len(labels)} labels"
        )
    return Split(store, np.arange(len(store)), np.asarray(labels, "int32"))
