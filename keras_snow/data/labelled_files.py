"""Image files with labels, checked and put into splits."""

import os
import pathlib
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from keras_snow.data.decode import MAX_PIXELS
from keras_snow.data.decode import check_header
from keras_snow.data.decode import read_image
from keras_snow.data.file_store import FileStore
from keras_snow.data.narrow import check_not_narrow
from keras_snow.data.split import Split

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
    """

    skip_bad: bool = False
    max_pixels: int = MAX_PIXELS


def label_files(
    files: Sequence[LabelledFile],
    class_names: Sequence[str],
    root: pathlib.Path,
    rules: FileRules,
) -> LabelledSplits:
    """Checks files and puts them into splits.

    The header and the end of each file are looked at, which takes about
    0.1 ms; with `skip_bad` each is decoded once, since what is to be left out
    must be known before the first epoch.

    Args:
        files: The files in the order that the splits shall have.
        class_names: The classes in the order of their numbers.
        root: Folder that the files lie in.
        rules: What is a bad file, and what is done then.

    Raises:
        OSError: If a file can't be opened.
        ValueError: If a file is no image; the message names it.

    Examples:
        >>> found = label_files([], ["cat", "dog"], pathlib.Path("."),
        ...                     FileRules())
        >>> found.splits
        {}
    """
    numbers = {name: number for number, name in enumerate(class_names)}
    skipped = _find_bad([file.path for file in files], rules)
    left_out = {pathlib.Path(file.path) for file in skipped}
    files = [file for file in files if file.path not in left_out]
    store = FileStore([file.path for file in files], root, rules.max_pixels)
    labels = np.array([numbers[file.class_name] for file in files], "int32")
    parts = np.array([file.split for file in files], object)
    everything = Split(store, np.arange(len(files)), labels)
    splits = {
        str(name): everything.take(np.flatnonzero(parts == name))
        for name in dict.fromkeys(parts)
    }
    return LabelledSplits(tuple(class_names), splits, tuple(skipped))


def _find_bad(
    paths: Sequence[pathlib.Path], rules: FileRules
) -> list[SkippedFile]:
    look = _reason_to_skip if rules.skip_bad else _check
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            limits = [rules.max_pixels] * len(paths)
            reasons = list(pool.map(look, paths, limits))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [
        SkippedFile(str(path), reason)
        for path, reason in zip(paths, reasons, strict=True)
        if reason
    ]


def _check(path: pathlib.Path, max_pixels: int) -> None:
    sides = check_header(path, max_pixels)
    check_not_narrow(sides, _SHORTER_SIDE, str(path))


def _reason_to_skip(path: pathlib.Path, max_pixels: int) -> str | None:
    try:
        height, width = read_image(path, max_pixels=max_pixels).shape[:2]
        check_not_narrow((width, height), _SHORTER_SIDE, str(path))
    except (OSError, ValueError) as error:
        return str(error)
    return None
