"""Which reader reads a file or folder."""

import pathlib
from collections.abc import Callable
from typing import TypeAlias

from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.registry import nearest_names
from keras_snow.data.image_files import subfolders
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.readers.cifar import is_cifar
from keras_snow.data.readers.cifar import read_cifar
from keras_snow.data.readers.folder import read_folder
from keras_snow.data.readers.hdf5 import read_hdf5
from keras_snow.data.readers.layout import find_layout
from keras_snow.data.readers.layout import read_layout
from keras_snow.data.readers.layouts import LAYOUTS
from keras_snow.data.readers.npz import read_npz
from keras_snow.data.readers.parts import SHARDS
from keras_snow.data.readers.parts import find_parts
from keras_snow.data.readers.parts import read_parts
from keras_snow.data.readers.parts import read_shards
from keras_snow.data.readers.reading import Reading
from keras_snow.data.readers.table import read_table
from keras_snow.data.readers.table_file import TABLES
from keras_snow.data.task_forms import describe_file
from keras_snow.data.task_forms import describe_other_folder

Reader: TypeAlias = Callable[[PathLike, FileRules, Reading], LabelledSplits]


def _read_shard(
    path: PathLike, rules: FileRules, reading: Reading
) -> LabelledSplits:
    return read_shards([pathlib.Path(path)], rules, reading)


# By the ending of a file.
FILES: dict[str, Reader] = {
    ".npz": read_npz,
    **dict.fromkeys(TABLES, read_table),
    **dict.fromkeys((".h5", ".hdf5", ".hdf"), read_hdf5),
    **dict.fromkeys(SHARDS, _read_shard),
}


def read_path(
    path: PathLike,
    rules: FileRules | None = None,
    reading: Reading | None = None,
) -> LabelledSplits:
    """Reads a task from a file or folder of any form that is known.

    Args:
        path: The file or folder.
        rules: What is a bad file, and what is done then.
        reading: What the data does not say.

    Raises:
        OSError: If there is no such file, or it can't be read.
        ValueError: If it is of no such form, or bad.

    Examples:
        >>> read_path("missing.csv")
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such file. Received: path='missing.csv'
    """
    place = expand_home(path)
    rules, reading = rules or FileRules(), reading or Reading()
    if place.is_dir():
        return _read_folder(place, rules, reading)
    reader = FILES.get(place.suffix.lower())
    if reader is None:
        raise ValueError(describe_file(place))
    return reader(place, rules, reading)


def _read_folder(
    folder: pathlib.Path, rules: FileRules, reading: Reading
) -> LabelledSplits:
    known = find_layout(folder, LAYOUTS)
    if known is not None:
        return read_layout(*known, rules, reading)
    if is_cifar(folder):
        return read_cifar(folder, rules, reading)
    parts = find_parts(folder)
    if parts:
        _refuse_others(folder)
        return read_parts(parts, rules, reading)
    try:
        if reading.part is not None:
            folder = _domain(folder, reading.part)
        reading.refuse("a folder of class folders", "part")
        return read_folder(folder, rules)
    except ValueError as error:
        other = describe_other_folder(folder)
        if other is None:
            raise
        raise ValueError(other) from error


def _refuse_others(folder: pathlib.Path) -> None:
    """A prepared data set of TFDS holds records, too, and names of classes."""
    other = describe_other_folder(folder)
    if other is not None:
        raise ValueError(other)


def _domain(folder: pathlib.Path, part: str) -> pathlib.Path:
    """Returns the folder of one of the domains of a data set."""
    names = [each.name for each in subfolders(folder)]
    if part not in names:
        raise ValueError(
            f"There is no such part. {nearest_names(part, names)} "
            f"Received: part={part!r}, path={str(folder)!r}"
        )
    return folder / part
