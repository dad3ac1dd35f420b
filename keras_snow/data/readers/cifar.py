"""Reads CIFAR's Python batches, without running what a pickle may hold."""

import io
import pathlib
import pickle
from typing import Any

import numpy as np

from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.readers.arrays import read_arrays
from keras_snow.data.readers.reading import Reading

# All that arrays of NumPy need; anything else may run code.
_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
}


def is_cifar(root: pathlib.Path) -> bool:
    """Tells whether a folder holds the batches of CIFAR-10 or CIFAR-100.

    Args:
        root: The folder.

    Examples:
        >>> is_cifar(pathlib.Path("missing"))
        False
    """
    ten = (root / "data_batch_1").is_file()
    return ten or all((root / x).is_file() for x in ("train", "test", "meta"))


def read_cifar(
    root: pathlib.Path, rules: FileRules, reading: Reading
) -> LabelledSplits:
    """Reads the batches of CIFAR-10 or CIFAR-100.

    Args:
        root: `cifar-10-batches-py` or `cifar-100-python`.
        rules: Not used, as nothing is decoded.
        reading: Whose `part` is `fine` (default) or `coarse` of CIFAR-100.

    Raises:
        OSError: If a batch is missing.
        ValueError: If a batch is damaged, or holds more than arrays.
    """
    del rules
    reading.refuse("CIFAR", "part")
    ten = (root / "data_batch_1").is_file()
    if ten:
        Reading(part=reading.part).refuse("CIFAR-10")
        key, named = "labels", "label_names"
        files = {"train": sorted(root.glob("data_batch_*")), "test": []}
        files["test"] = sorted(root.glob("test_batch"))
        meta = _load(root / "batches.meta")
    else:
        kind = reading.part or "fine"
        if kind not in ("fine", "coarse"):
            raise ValueError(
                "CIFAR-100 has the parts fine and coarse. "
                f"Received: part={kind!r}"
            )
        key, named = f"{kind}_labels", f"{kind}_label_names"
        files = {name: [root / name] for name in ("train", "test")}
        meta = _load(root / "meta")
    parts = {x: _join(paths, key) for x, paths in files.items() if paths}
    names = [_text(name) for name in meta[named]]
    found = read_arrays(parts, names)
    title = "CIFAR-10" if ten else f"CIFAR-100, {key.split('_')[0]} classes"
    form = f"{title} as published: its own train and test"
    return LabelledSplits(found.class_names, found.splits, (), form)


def _join(paths: list[pathlib.Path], key: str) -> tuple[Any, Any]:
    batches = [_load(path) for path in paths]
    pixels = np.concatenate([batch["data"] for batch in batches])
    labels = np.concatenate([batch[key] for batch in batches])
    return pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels


def _load(path: pathlib.Path) -> dict[str, Any]:
    """Returns what a batch holds, its keys as text."""
    try:
        found = _ArraysOnly(io.BytesIO(path.read_bytes()), encoding="bytes")
        return {_text(key): value for key, value in found.load().items()}
    except FileNotFoundError:
        raise FileNotFoundError(
            f"A batch of CIFAR is missing. Received: path={str(path)!r}"
        ) from None
    except Exception as error:
        raise ValueError(
            f"A batch of CIFAR can't be read: {error}. "
            f"Received: path={str(path)!r}"
        ) from error


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name


class _ArraysOnly(pickle.Unpickler):
    """Refuses all that is no array, list, dict, number or text."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(
                f"it holds {module}.{name}, and a pickle may run code"
            )
        return super().find_class(module, name)
