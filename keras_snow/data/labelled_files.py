"""Image files with labels, checked and put into splits."""

import os
import pathlib
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from keras_snow.data.decode import check_header
from keras_snow.data.decode import read_image
from keras_snow.data.file_store import FileStore
from keras_snow.data.narrow import check_not_narrow
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.data.split import Split
from keras_snow.data.value_range import Extent
from keras_snow.data.value_range import ValueRange
from keras_snow.data.value_range import check_value_range
from keras_snow.data.value_range import choose_range

# Reading and decoding wait for the disk as much as for the processor.
_THREADS = min(32, 2 * (os.cpu_count() or 1))
# Of evaluation at 224 pixels: files are looked at before their size is known.
_SHORTER_SIDE = 256


class LabelledFile(NamedTuple):
    """One image file of a task: its path, its class and its split."""

    path: pathlib.Path
    class_name: str
    split: str = "train"


class SkippedFile(NamedTuple):
    """A file that was left out, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class LabelledSplits:
    """What a reader of files found.

    Args:
        class_names: The classes in the order of their numbers.
        splits: Examples by the name of the split.
        skipped: Files that were left out.
    """

    class_names: tuple[str, ...]
    splits: Mapping[str, Split]
    skipped: tuple[SkippedFile, ...] = ()


@dataclass(frozen=True)
class FileRules:
    """What makes a file a bad one, and what is done then.

    Args:
        skip_bad: Whether bad files are left out, instead of an error.
        max_pixels: Images with more pixels are bad.
        value_range: What is black and what is white in images of more than 8
            bits. If None, all of them are looked at to know.
    """

    skip_bad: bool = False
    max_pixels: int = MAX_PIXELS
    value_range: ValueRange | None = None

    def __post_init__(self) -> None:
        checked = check_value_range(self.value_range)
        object.__setattr__(self, "value_range", checked)


def label_files(
    files: Sequence[LabelledFile],
    class_names: Sequence[str],
    root: pathlib.Path,
    rules: FileRules,
) -> LabelledSplits:
    """Checks files and puts them into splits.

    The header and the end of each file are looked at, which takes about
    0.1 ms; with `skip_bad` each is decoded once, since what is to be left out
    must be known before the first epoch, and so is each image of more than 8
    bits.

    Args:
        files: The files in the order that the splits shall have.
        class_names: The classes in the order of their numbers.
        root: Folder that the files lie in.
        rules: What is a bad file, and what is done then.

    Raises:
        OSError: If a file can't be opened.
        ValueError: If a file is no image; the message names it. If images of
            more than 8 bits do not tell what is white.

    Examples:
        >>> found = label_files([], ["cat", "dog"], pathlib.Path("."),
        ...                     FileRules())
        >>> found.splits
        {}
    """
    numbers = {name: number for number, name in enumerate(class_names)}
    looks = _look_at([file.path for file in files], rules)
    pairs = list(zip(files, looks, strict=True))
    skipped = [
        SkippedFile(str(file.path), look)
        for file, look in pairs
        if isinstance(look, str)
    ]
    files = [file for file, look in pairs if not isinstance(look, str)]
    extents = [look for look in looks if isinstance(look, Extent)]
    value_range = choose_range(extents, root.name, rules.value_range)
    store = FileStore(
        [file.path for file in files], root, rules.max_pixels, value_range
    )
    labels = np.array([numbers[file.class_name] for file in files], "int32")
    parts = np.array([file.split for file in files], object)
    everything = Split(store, np.arange(len(files)), labels)
    splits = {
        str(name): everything.take(np.flatnonzero(parts == name))
        for name in dict.fromkeys(parts)
    }
    return LabelledSplits(tuple(class_names), splits, tuple(skipped))


def _look_at(
    paths: Sequence[pathlib.Path], rules: FileRules
) -> list[str | Extent | None]:
    """Why files are left out, or the values of images of more than 8 bits."""
    look = _reason_to_skip if rules.skip_bad else _check
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            return list(pool.map(look, paths, [rules] * len(paths)))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _check(path: pathlib.Path, rules: FileRules) -> Extent | None:
    header = check_header(path, rules.max_pixels)
    check_not_narrow(header.sides, _SHORTER_SIDE, str(path))
    return header.extent


def _reason_to_skip(
    path: pathlib.Path, rules: FileRules
) -> str | Extent | None:
    try:
        extent = _check(path, rules)
        if extent is None:
            read_image(path, max_pixels=rules.max_pixels)
    except (OSError, ValueError) as error:
        return str(error)
    return extent
