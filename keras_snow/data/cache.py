"""Keeps decoded images so that they are decoded once."""

import hashlib
import os
import pathlib
import struct
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from keras_snow.core.files import expand_home
from keras_snow.core.staging import staging
from keras_snow.data.split import Split

if TYPE_CHECKING:
    from keras_snow.data.task import Task

CacheChoice = str | os.PathLike[str] | None
Reader = Callable[[int], np.ndarray]

_HEADER = struct.Struct("<4sIII")
_MAGIC = b"ksi1"
MEMORY_CACHE = 2e9  # Bytes; a laptop's memory has room for it.


def choose_cache(
    choice: str | None, task: "Task", image_size: int
) -> str | None:
    """Decides whether decoded images fit into memory, if left to us.

    Args:
        choice: `"auto"`, or what is returned as it is.
        task: The images.
        image_size: Pixels of a side.

    Returns:
        What `cached_reader` takes: `"memory"` or None for `"auto"`.

    Examples:
        >>> from keras_snow.data.task import Task
        >>> images = np.zeros((20, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10)
        >>> choose_cache("auto", task, 224), choose_cache("auto", task, 10**5)
        ('memory', None)
    """
    if choice != "auto":
        return choice
    # An image is kept at up to 1.41 times the size, its sides as 4 to 3.
    image_bytes = 3 * (1.41 * image_size) ** 2 * 4 / 3
    count = sum(len(split) for split in task.splits.values())
    return "memory" if count * image_bytes < MEMORY_CACHE else None


def cached_reader(
    split: Split, shorter_side: int, cache: CacheChoice
) -> Reader:
    """Returns a function that reads an image of a split by its number.

    Args:
        split: Where the images are.
        shorter_side: Larger images are shrunk to this shorter side.
        cache: `None` decodes every time; `"memory"` keeps the decoded images
            in memory, as long as the split lives; a folder keeps them in
            files there, of use to later runs too. An image takes
            `3 * shorter_side**2` bytes times the ratio of its sides.

    Raises:
        OSError: If the folder can't be made.

    Examples:
        >>> from keras_snow.data.array_store import ArrayStore
        >>> store = ArrayStore(np.zeros((1, 8, 6, 3), "uint8"))
        >>> split = Split(store, np.arange(1), np.array([0]))
        >>> cached_reader(split, 3, "memory")(0).shape
        (4, 3, 3)
    """
    if cache is None:
        return lambda index: split.read(index, shorter_side)
    if str(cache) == "memory":
        return _memory_reader(split, shorter_side)
    return _folder_reader(split, shorter_side, expand_home(cache))


def _memory_reader(split: Split, shorter_side: int) -> Reader:
    kept = split.memory(shorter_side)

    def read(index: int) -> np.ndarray:
        image = kept[index]
        if image is None:
            # Two threads may both decode it; they find the same.
            image = kept[index] = split.read(index, shorter_side)
        return image

    return read


def _folder_reader(
    split: Split, shorter_side: int, folder: pathlib.Path
) -> Reader:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            f"The cache folder can't be made: {error.strerror}. Choose "
            f"another one. Received: cache={str(folder)!r}"
        ) from error

    def read(index: int) -> np.ndarray:
        path = _place(folder, split.cache_key(index), shorter_side)
        image = _load(path)
        if image is None:
            image = split.read(index, shorter_side)
            _store(path, image)
        return image

    return read


def _place(folder: pathlib.Path, key: str, shorter_side: int) -> pathlib.Path:
    text = f"{key}|{shorter_side}".encode("utf-8", "surrogateescape")
    digest = hashlib.blake2b(text, digest_size=16).hexdigest()
    # A folder of a hundred thousand files is slow on some file systems.
    return folder / digest[:2] / f"{digest[2:]}.image"


def _load(path: pathlib.Path) -> np.ndarray | None:
    """The image in a cache file, or `None` if it is absent or damaged."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if len(data) < _HEADER.size:
        return None
    magic, height, width, checksum = _HEADER.unpack_from(data)
    pixels = memoryview(data)[_HEADER.size :]
    whole = magic == _MAGIC and len(pixels) == height * width * 3
    if not whole or zlib.crc32(pixels) != checksum:
        return None
    return np.frombuffer(pixels, "uint8").reshape(height, width, 3)


def _store(path: pathlib.Path, image: np.ndarray) -> None:
    """Writes a cache file whole or not at all.

    Without `fsync`, unlike results: a damaged entry is noticed by its
    checksum and made anew.
    """
    pixels = np.ascontiguousarray(image).tobytes()
    height, width = image.shape[:2]
    header = _HEADER.pack(_MAGIC, height, width, zlib.crc32(pixels))
    try:
        with staging(path) as folder:
            made = folder / path.name
            made.write_bytes(header + pixels)
            os.replace(made, path)
    except OSError as error:
        raise OSError(
            f"The cache can't be written: {os.strerror(error.errno or 0)}. "
            "Free some space, "
            "choose another folder, or train without `cache`. "
            f"Received: cache={str(path.parent.parent)!r}"
        ) from error
