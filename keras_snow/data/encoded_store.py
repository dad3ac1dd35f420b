"""Images whose files were handed over as bytes."""

import os
import tempfile
import weakref
from array import array

import numpy as np

from keras_snow.data.decode import read_image
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.data.store import Store


class EncodedStore(Store):
    """Encoded images in one temporary file, read in any order.

    A record file can only be read from the front; here its images are put
    where each can be found. The file vanishes with the process.

    Args:
        name: What to call the images in messages.
        folder: Where to put the temporary file.
        max_pixels: Images with more pixels are refused before decoding.

    Raises:
        OSError: If the temporary file can't be made.

    Examples:
        >>> store = EncodedStore("pets")
        >>> len(store)
        0
    """

    def __init__(
        self,
        name: str,
        folder: str | os.PathLike[str] | None = None,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self.title = name
        self.max_pixels = max_pixels
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._ends = array("Q", [0])
        self._names: list[str | None] = []

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, encoded: bytes, name: str | None = None) -> None:
        """Adds an image.

        Args:
            encoded: The bytes of an image file.
            name: What to call it; by its number if None.

        Raises:
            OSError: If there is no space left.
        """
        try:
            self._file.write(encoded)
            self._file.flush()
        except OSError as error:
            raise OSError(
                f"The images of {self.title} can't be put into a temporary "
                f"file: {error.strerror}. Free some space or set TMPDIR to a "
                f"folder with more. Received: {len(self)} images so far"
            ) from error
        self._ends.append(self._ends[-1] + len(encoded))
        self._names.append(name)

    def read(self, index: int, shorter_side: int | None = None) -> np.ndarray:
        return read_image(
            self.encoded(index),
            max_pixels=self.max_pixels,
            shorter_side=shorter_side,
            name=self.name(index),
            value_range=self.value_range,
        )

    def encoded(self, index: int) -> bytes:
        """Returns the bytes of an image file.

        Args:
            index: Which one.
        """
        start, end = self._ends[index], self._ends[index + 1]
        # Needs no position that threads would fight over.
        return os.pread(self._file.fileno(), end - start, start)

    def name(self, index: int) -> str:
        return self._names[index] or f"{self.title}[{index}]"

    def identity(self, index: int) -> str:
        start, end = self._ends[index], self._ends[index + 1]
        return self._with_range(f"{self.name(index)}|{end - start}")
