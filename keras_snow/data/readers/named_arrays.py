"""Arrays by name, as `.npz` and HDF5 hold them: which are images, of what."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_snow.core.files import PathLike
from keras_snow.data.class_order import number_labels
from keras_snow.data.class_order import order_classes
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.readers.arrays import read_arrays
from keras_snow.data.readers.reading import Reading
from keras_snow.data.split_names import SPLITS

_ROLES = {
    "train": "train(?:ing)?|trn",
    "validation": "val(?:id(?:ation)?)?|dev",
    "test": "test(?:ing)?|tst",
}
_KINDS = {
    "images": "images?|imgs?|x|data|pixels|inputs?",
    "labels": "labels?|y|targets?|classes|class|ids?",
}
_NAMES = {"classnames", "labelnames", "names", "categories"}


def read_named_arrays(
    arrays: Mapping[str, Any],
    path: PathLike,
    rules: FileRules,
    reading: Reading,
) -> LabelledSplits:
    """Reads images and labels from arrays with the usual names.

    Args:
        arrays: By name: `images` and `labels`, `X_train` and `y_train`,
            `test/images`, ...; perhaps `class_names`.
        path: The file, for messages.
        rules: Whose `value_range` counts.
        reading: Whose `multi_label` counts.

    Raises:
        ValueError: If images or labels are missing, or a name is ambiguous.

    Examples:
        >>> arrays = {"X": np.zeros((2, 8, 8, 3), "uint8"), "y": ["b", "a"]}
        >>> found = read_named_arrays(arrays, "x", FileRules(), Reading())
        >>> found.class_names, found.splits["train"].labels.tolist()
        (('a', 'b'), [1, 0])
    """
    reading.refuse("an array file", "multi_label")
    found = _parts(arrays, path)
    parts = {
        split: (_channels_last(pair["images"]), _plain(pair["labels"], path))
        for split, pair in found.items()
    }
    names = _class_names(arrays, path)
    words = [labels for _, labels in parts.values() if labels.dtype.kind == "U"]
    if words:
        names = names or order_classes(map(str, np.concatenate(words)))
        parts = {
            x: (y, _numbers(z, names, path)) for x, (y, z) in parts.items()
        }
    return read_arrays(
        parts, names, rules.value_range, multi_label=reading.multi_label
    )


def role_of(name: str) -> tuple[str, str] | None:
    """Returns which split and what an array is; None if its name says neither.

    Args:
        name: Of the array.

    Examples:
        >>> role_of("X_train"), role_of("val/labels"), role_of("y")
        (('train', 'images'), ('validation', 'labels'), ('train', 'labels'))
        >>> role_of("mean")
    """
    plain = re.sub(r"[\W_]+", "", name).lower()
    for kind, words in _KINDS.items():
        if re.fullmatch(words, plain):
            return "train", kind
        for split, role in _ROLES.items():
            either = f"(?:{role})(?:{words})|(?:{words})(?:{role})"
            if re.fullmatch(either, plain):
                return split, kind
    return None


def _parts(
    arrays: Mapping[str, Any], path: PathLike
) -> dict[str, dict[str, Any]]:
    keys: dict[tuple[str, str], str] = {}
    for name in arrays:
        role = role_of(name)
        if role in keys:
            raise ValueError(
                f"Two arrays may be the {role[1]} of {role[0]}. Keep one of "
                f"them. Received: path={str(path)!r}, arrays="
                f"{[keys[role], name]}"
            )
        if role is not None:
            keys[role] = name
    for (split, kind), name in keys.items():
        other = "labels" if kind == "images" else "images"
        if (split, other) not in keys:
            raise ValueError(
                f"The file holds `{name}`, and no {other} for it. "
                f"Received: path={str(path)!r}, arrays={sorted(arrays)}"
            )
    if ("train", "images") not in keys:
        raise ValueError(
            "The file must hold `images` and `labels`, or `train_images` and "
            "`train_labels` (and `test_images` ...). "
            f"Received: path={str(path)!r}, arrays={sorted(arrays)}"
        )
    return {
        split: {kind: arrays[keys[split, kind]] for kind in _KINDS}
        for split in SPLITS
        if (split, "images") in keys
    }


def _channels_last(images: Any) -> Any:
    """Colours are moved behind where they can only lie in front."""
    images = np.asarray(images)
    front = images.ndim == 4 and images.shape[1] in (1, 3)
    if front and images.shape[-1] not in (1, 3):
        return np.moveaxis(images, 1, -1)
    return images


def _plain(labels: Any, path: PathLike) -> np.ndarray:
    """Returns labels; those in bytes as text."""
    labels = np.asarray(labels)
    if labels.dtype.kind in "SO":
        return np.array(_texts(labels.ravel(), path))
    return labels.ravel() if labels.dtype.kind == "U" else labels


def _numbers(
    labels: np.ndarray, names: list[str], path: PathLike
) -> np.ndarray:
    strange = sorted({str(x) for x in labels} - {*names})
    if strange:
        raise ValueError(
            "A label is none of the classes. "
            f"Received: path={str(path)!r}, label={strange[0]!r}"
        )
    return number_labels([str(x) for x in labels], names)


def _class_names(arrays: Mapping[str, Any], path: PathLike) -> list[str] | None:
    found = [x for x in arrays if re.sub(r"[\W_]+", "", x).lower() in _NAMES]
    if not found:
        return None
    names = np.asarray(arrays[found[0]])
    if names.ndim != 1:
        raise ValueError(
            f"`{found[0]}` must be a list with a name for each class. "
            f"Received: path={str(path)!r}, {found[0]}.shape={names.shape}"
        )
    return _texts(names, path)


def _texts(values: np.ndarray, path: PathLike) -> list[str]:
    try:
        return [
            each.decode() if isinstance(each, bytes) else str(each)
            for each in values
        ]
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Class names that are bytes must be text in UTF-8 ({error}). "
            f"Received: path={str(path)!r}"
        ) from error
