"""Reads a task from a `.npz` file."""

import os
import pathlib
from collections.abc import Mapping

import numpy as np

from keras_snow.core.archive import load_arrays
from keras_snow.core.files import expand_home
from keras_snow.core.near_path import did_you_mean
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.readers.arrays import read_arrays
from keras_snow.data.readers.reading import Reading
from keras_snow.data.split_names import SPLITS

_ONE_ARRAY = b"\x93NUMPY"
_ALIASES = {"validation": ("validation", "val", "valid")}


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
    rules, reading = rules or FileRules(), reading or Reading()
    reading.refuse("an array file", "multi_label")
    arrays = _load(expand_home(path))
    parts = {}
    for split in SPLITS:
        found = _find_part(arrays, split)
        if found is not None:
            parts[split] = found
    if "train" not in parts:
        raise ValueError(
            "The file must hold `images` and `labels`, or `train_images` and "
            "`train_labels` (and `test_images` ...). "
            f"Received: path={str(path)!r}, arrays={sorted(arrays)}"
        )
    return read_arrays(
        parts,
        _class_names(arrays, path),
        rules.value_range,
        multi_label=reading.multi_label,
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


def _class_names(
    arrays: Mapping[str, np.ndarray], path: str | os.PathLike[str]
) -> list[str] | None:
    names = arrays.get("class_names")
    if names is None:
        return None
    if names.ndim != 1:
        raise ValueError(
            "`class_names` must be a list with a name for each class. "
            f"Received: path={str(path)!r}, class_names.shape={names.shape}"
        )
    try:
        return [
            name.decode() if isinstance(name, bytes) else str(name)
            for name in names
        ]
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Class names that are bytes must be text in UTF-8 ({error}). "
            f"Received: path={str(path)!r}"
        ) from error


def _find_part(
    arrays: Mapping[str, np.ndarray], split: str
) -> tuple[np.ndarray, np.ndarray] | None:
    pairs = [
        names
        for alias in _ALIASES.get(split, (split,))
        for names in (
            (f"{alias}_images", f"{alias}_labels"),
            (f"x_{alias}", f"y_{alias}"),
        )
    ]
    if split == "train":
        pairs += [("images", "labels"), ("x", "y")]
    for images, labels in pairs:
        if images in arrays and labels in arrays:
            return arrays[images], arrays[labels]
        if (images in arrays) != (labels in arrays):
            raise ValueError(
                f"The file must hold both `{images}` and `{labels}`. "
                f"Received: arrays={sorted(arrays)}"
            )
    return None
