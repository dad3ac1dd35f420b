"""Image files with labels, checked and put into splits."""

import os
import pathlib
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from keras_snow.data.class_order import ClassName
from keras_snow.data.class_order import number_labels
from keras_snow.data.class_order import order_classes
from keras_snow.data.decode import check_header
from keras_snow.data.decode import extent_of
from keras_snow.data.decode import read_image
from keras_snow.data.encoded_store import EncodedStore
from keras_snow.data.file_store import FileStore
from keras_snow.data.narrow import check_not_narrow
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.data.split import Split
from keras_snow.data.split_names import SPLITS
from keras_snow.data.store import Store
from keras_snow.data.value_range import Extent
from keras_snow.data.value_range import ValueRange
from keras_snow.data.value_range import check_value_range
from keras_snow.data.value_range import choose_range

# Reading and decoding wait for the disk as much as for the processor.
_THREADS = min(32, 2 * (os.cpu_count() or 1))
# Of evaluation at 224 pixels: files are looked at before their size is known.
_SHORTER_SIDE = 256


# Why a file is left out, or what values it holds.
Look = str | Extent | None


class LabelledFile(NamedTuple):
    """One image of a task: its path, its class or classes, and its split."""

    path: str | os.PathLike[str]
    class_name: ClassName
    split: str = "train"


class Listing(NamedTuple):
    """Images of a task, as columns: a hundred thousand are no rarity.

    Args:
        paths: Where each lies.
        class_names: The class of each, or its classes.
        splits: The split of each.
    """

    paths: Sequence[str | os.PathLike[str]]
    class_names: Sequence[ClassName]
    splits: Sequence[str]

    @classmethod
    def of(cls, files: Iterable[LabelledFile]) -> "Listing":
        """Returns the columns of rows.

        Args:
            files: The rows.

        Examples:
            >>> Listing.of([LabelledFile("a.png", "cat")]).splits
            ['train']
        """
        rows = list(files)
        return cls(
            [row.path for row in rows],
            [row.class_name for row in rows],
            [row.split for row in rows],
        )

    def row(self, index: int) -> LabelledFile:
        """Returns an image.

        Args:
            index: Its number.
        """
        return LabelledFile(
            self.paths[index], self.class_names[index], self.splits[index]
        )

    def take(self, chosen: Sequence[int]) -> "Listing":
        """Returns some of the images.

        Args:
            chosen: Their numbers.
        """
        return Listing.of(map(self.row, chosen))


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
        form: What the data was recognised as, in a line.
    """

    class_names: tuple[str, ...]
    splits: Mapping[str, Split]
    skipped: tuple[SkippedFile, ...] = ()
    form: str = ""


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
    files: Listing,
    class_names: Sequence[str],
    root: pathlib.Path,
    rules: FileRules,
    where: Callable[[int], str] | None = None,
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
        where: Tells where a file is named, by its number, for messages.

    Raises:
        OSError: If a file can't be opened.
        ValueError: If a file is no image; the message names it. If images of
            more than 8 bits do not tell what is white.

    Examples:
        >>> found = label_files(Listing((), (), ()), ["cat", "dog"],
        ...                     pathlib.Path("."), FileRules())
        >>> found.splits
        {}
    """
    looks = _look_at(files.paths, rules, where)
    files, skipped = _sort_out(files, looks)
    value_range = _range_of(looks, root.name, rules)
    store = FileStore(files.paths, root, rules.max_pixels, value_range)
    return _split_up(store, files, class_names, skipped)


def label_encoded(
    examples: Iterable[tuple[bytes, LabelledFile]],
    class_names: Sequence[str] | None,
    title: str,
    rules: FileRules,
) -> LabelledSplits:
    """Keeps encoded images in a temporary file and puts them into splits.

    Args:
        examples: The bytes of image files, and what is said of each; `path` is
            where it lies, for messages.
        class_names: The classes in the order of their numbers. Those that are
            found if None, see `order_classes`.
        title: What to call the images.
        rules: What is a bad file, and what is done then.

    Raises:
        OSError: If there is no space left.
        ValueError: If an image can't be read; the message names it.
    """
    store = EncodedStore(title, max_pixels=rules.max_pixels)
    rows: list[LabelledFile] = []
    looks: list[Look] = []
    for data, file in examples:
        look = _look_at_bytes(data, str(file.path), rules)
        looks.append(look)
        rows.append(file)
        if not isinstance(look, str):
            store.append(data, str(file.path))
    files, skipped = _sort_out(Listing.of(rows), looks)
    store.value_range = _range_of(looks, title, rules)
    if class_names is None:
        class_names = order_classes(files.class_names)
    return _split_up(store, files, class_names, skipped)


def _sort_out(
    files: Listing, looks: Sequence[Look]
) -> tuple[Listing, tuple[SkippedFile, ...]]:
    """Returns the files that are kept, and those that are not."""
    reasons = {i: x for i, x in enumerate(looks) if isinstance(x, str)}
    if not reasons:
        return files, ()
    skipped = [SkippedFile(str(files.paths[i]), x) for i, x in reasons.items()]
    kept = [i for i in range(len(looks)) if i not in reasons]
    return files.take(kept), tuple(skipped)


def _range_of(
    looks: Sequence[Look], name: str, rules: FileRules
) -> ValueRange | None:
    extents = [look for look in looks if isinstance(look, Extent)]
    return choose_range(extents, name, rules.value_range)


def _split_up(
    store: Store,
    files: Listing,
    class_names: Sequence[str],
    skipped: tuple[SkippedFile, ...],
) -> LabelledSplits:
    labels = number_labels(files.class_names, class_names)
    parts = np.array(files.splits, object)
    everything = Split(store, np.arange(len(labels)), labels)
    splits = {
        str(name): everything.take(np.flatnonzero(parts == name))
        for name in sorted({*files.splits}, key=SPLITS.index)
    }
    return LabelledSplits(tuple(class_names), splits, skipped)


def _look_at(
    paths: Sequence[str | os.PathLike[str]],
    rules: FileRules,
    where: Callable[[int], str] | None,
) -> list[Look]:
    """Why files are left out, or the values of images of more than 8 bits."""
    look = _reason_to_skip if rules.skip_bad else _check
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            found = pool.map(look, paths, [rules] * len(paths))
            looks: list[Look] = []
            for each in found:
                looks.append(each)
        except (OSError, ValueError) as error:
            pool.shutdown(cancel_futures=True)
            if where is None:
                raise
            raise type(error)(f"{error} ({where(len(looks))})") from error
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return looks


def _look_at_bytes(data: bytes, name: str, rules: FileRules) -> Look:
    try:
        extent = extent_of(data, name, rules.max_pixels)
        if rules.skip_bad and extent is None:
            read_image(data, max_pixels=rules.max_pixels, name=name)
    except ValueError as error:
        if not rules.skip_bad:
            raise
        return str(error)
    return extent


def _check(path: str | os.PathLike[str], rules: FileRules) -> Extent | None:
    header = check_header(path, rules.max_pixels)
    check_not_narrow(header.sides, _SHORTER_SIDE, str(path))
    return header.extent


def _reason_to_skip(path: str | os.PathLike[str], rules: FileRules) -> Look:
    try:
        extent = _check(path, rules)
        if extent is None:
            read_image(path, max_pixels=rules.max_pixels)
    except (OSError, ValueError) as error:
        return str(error)
    return extent
