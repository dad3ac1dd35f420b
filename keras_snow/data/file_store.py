"""Images that lie in files."""

import os
import pathlib
from collections.abc import Sequence

import numpy as np

from keras_snow.data.decode import read_image
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.data.store import Store
from keras_snow.data.value_range import ValueRange


class FileStore(Store):
    """Image files, decoded when they are asked for.

    Args:
        paths: The files.
        root: Folder that names are relative to.
        max_pixels: Images with more pixels are refused before decoding.
        value_range: What is black and what is white in images of more than 8
            bits, if they do not tell.

    Examples:
        >>> FileStore(["birds/train/wren/1.jpg"], root="birds").name(0)
        'birds/train/wren/1.jpg'
    """

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        root: str | os.PathLike[str] = ".",
        max_pixels: int = MAX_PIXELS,
        value_range: ValueRange | None = None,
    ) -> None:
        self.paths = tuple(paths)
        self.root = pathlib.Path(root)
        self.max_pixels = max_pixels
        self.value_range = value_range

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, index: int, shorter_side: int | None = None) -> np.ndarray:
        return read_image(
            self.paths[index],
            max_pixels=self.max_pixels,
            shorter_side=shorter_side,
            value_range=self.value_range,
        )

    def name(self, index: int) -> str:
        return str(self.paths[index])

    def identity(self, index: int) -> str:
        """Returns the path below the root and the file's size.

        Args:
            index: Which one.
        """
        path = pathlib.Path(self.paths[index])
        below = path.relative_to(self.root) if self._is_below(path) else path
        return self._with_range(f"{below.as_posix()}|{path.stat().st_size}")

    def cache_key(self, index: int) -> str:
        path = pathlib.Path(self.paths[index])
        changed = path.stat().st_mtime_ns
        return f"{path.absolute()}|{changed}|{self.identity(index)}"

    def _is_below(self, path: pathlib.Path) -> bool:
        return path.is_relative_to(self.root)
