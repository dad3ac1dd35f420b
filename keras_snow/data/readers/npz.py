"""Reads a task from a `.npz` file."""

import os
import pathlib

import numpy as np

from keras_snow.core.archive import load_arrays
from keras_snow.core.files import expand_home
from keras_snow.core.near_path import did_you_mean
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.readers.named_arrays import read_named_arrays
from keras_snow.data.readers.reading import Reading

_ONE_ARRAY = b"\x93NUMPY"


def read_npz(
    path: str | os.PathLike[str],
    rules: FileRules | None = None,
    reading: Reading | None = None,
) -> LabelledSplits:
    """Reads images, labels and class names from a `.npz` file.

    Args:
        path: The file.
        rules: Whose `value_range` counts.
        reading: Whose `multi_label` counts.

    Raises:
        OSError: If the file can't be read.
        ValueError: If it is damaged or lacks the arrays.

    Examples:
        >>> read_npz("missing.npz")
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such file. Received: path='missing.npz'
    """
    arrays = _load(expand_home(path))
    return read_named_arrays(
        arrays, path, rules or FileRules(), reading or Reading()
    )


def _load(path: pathlib.Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no such file. {did_you_mean(path)}"
            f"Received: path={str(path)!r}"
        )
    with path.open("rb") as file:
        if file.read(len(_ONE_ARRAY)) == _ONE_ARRAY:
            raise ValueError(
                "The file holds one plain array, not a `.npz` of named ones. "
                f"Received: path={str(path)!r}"
            )
    try:
        return load_arrays(path)
    except ValueError as error:
        raise ValueError(
            f"The `.npz` file is damaged or holds Python objects ({error}). "
            "Write it anew with `np.savez` and plain arrays. "
            f"Received: path={str(path)!r}"
        ) from error
