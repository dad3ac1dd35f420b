"""What every place that images come from has in common."""

from abc import ABC
from abc import abstractmethod

import numpy as np

from keras_snow.data.value_range import WHOLE
from keras_snow.data.value_range import ValueRange


class Store(ABC):
    """A numbered set of images, read one at a time and from many threads.

    Examples:
        >>> class Blank(Store):
        ...     def __len__(self):
        ...         return 1
        ...     def read(self, index, shorter_side=None):
        ...         return np.zeros((8, 8, 3), "uint8")
        ...     def name(self, index):
        ...         return "blank"
        ...     def identity(self, index):
        ...         return "blank"
        >>> Blank().read(0).shape
        (8, 8, 3)
    """

    value_range: ValueRange | None = None
    """What is black and what is white in images of more than 8 bits."""

    @abstractmethod
    def __len__(self) -> int:
        """Returns the number of images."""

    @abstractmethod
    def read(self, index: int, shorter_side: int | None = None) -> np.ndarray:
        """Returns an image as uint8 RGB, `(height, width, 3)`.

        Args:
            index: Which one.
            shorter_side: Larger images are shrunk to this shorter side.
        """

    @abstractmethod
    def name(self, index: int) -> str:
        """Returns what a person calls the image: its path, or its number.

        Args:
            index: Which one.
        """

    @abstractmethod
    def identity(self, index: int) -> str:
        """Returns a text that is another one when the image is another one.

        A copy on another machine has the same.

        Args:
            index: Which one.
        """

    def _with_range(self, identity: str) -> str:
        """An image of more than 8 bits is another one by another range."""
        # As it was before there were other ranges.
        if self.value_range is None or self.value_range == WHOLE:
            return identity
        low, high = self.value_range
        return f"{identity}|{low:g}-{high:g}"

    def cache_key(self, index: int) -> str:
        """Returns the identity, and when the image was changed last.

        Args:
            index: Which one.
        """
        return self.identity(index)
