"""The forms that a task is given in, and what else a path may lead to."""

from __future__ import annotations

import os
import pathlib
import re
import shlex

from keras_snow.core.files import PathLike
from keras_snow.core.kinds import KINDS
from keras_snow.core.kinds import kind_of
from keras_snow.core.near_path import did_you_mean
from keras_snow.core.near_path import find_near_path
from keras_snow.core.registry import nearest_names

_FORMS = (
    "A task is read from a folder with one folder a class, a table of paths "
    "and labels (`.csv`), an `.npz` of arrays, Parquet, TFRecord and others, "
    "or by the name of a data set of TensorFlow Datasets."
)
# What pandas reads, by the ending.
_TABLES = {
    ".feather": "read_feather('{path}')",
    ".arrow": "read_feather('{path}')",
    ".xlsx": "read_excel('{path}')",
    ".xls": "read_excel('{path}')",
}
# What Python unpacks, by the ending.
_ARCHIVES = re.compile(r"(\.zip)|\.(tar(\.(gz|bz2|xz))?|tgz)$", re.IGNORECASE)
_BY_ENDING = {
    ".txt": "A list has a path and a label in each line.",
    ".npy": 'Add the labels: `python -c "import numpy as np; '
    "np.savez('{stem}.npz', images=np.load('{path}'), "
    "labels=np.load('labels.npy'))\"`.",
    ".heic": "`python -m pip install pillow-heif` makes such images readable.",
}
_BY_KIND = {
    "archive": "Unpack it, and name the folder.",
    "image": "`keras-snow predict RUN {quoted}` answers one; of many, put "
    "those of a class into a folder.",
    "pickle": "A pickle may run code. Write its arrays into an `.npz`.",
    "run": "`keras-snow evaluate {quoted} TASK` measures it on a task.",
    "unfinished_run": "The command that began it goes on with it.",
    "bundle": "`keras-snow bundle predict {quoted} IMAGE` asks it.",
    "sequence": "`keras-snow route {quoted} IMAGE` asks it.",
    "comparison": "`keras-snow report {quoted}` shows it.",
    "search": "`keras-snow tune` goes on with it.",
    "tfds": "Name the set itself, `keras-snow train NAME`, or read it by "
    "`Task.from_tfds(NAME, data_dir=...)`.",
}
_SOURCES = {"keras", "keras_2", "keras_other_ending", "h5"}
_MODELS = _SOURCES | {
    "keras_unpacked",
    "weights",
    "architecture",
    "saved_model",
    "onnx",
    "torch",
    "tflite",
    "hugging_face",
    "delta",
}
_MODEL = "A model is no data set."


def describe_file(path: PathLike) -> str:
    """Returns what a file is that is no task, and how one is made of it.

    Args:
        path: A file.

    Examples:
        >>> pathlib.Path("notes.md").touch()
        >>> print(describe_file("notes.md"))
        This is a text file (.md). A task is read from a folder ...
    """
    place, kind = pathlib.Path(path), kind_of(path)
    ending = f" ({place.suffix})" if place.suffix and place.is_file() else ""
    return (
        f"This is {KINDS[kind]}{ending}. {_advice(place, kind)}{_FORMS} "
        f"Received: path={str(path)!r}"
    )


def describe_other_folder(path: PathLike) -> str | None:
    """Returns what a folder is that can't be read as a task, if that is known.

    Args:
        path: A folder.

    Returns:
        None if it is a folder like any other.
    """
    kind = kind_of(path)
    return describe_file(path) if kind in {*_BY_KIND, *_MODELS} else None


def describe_missing(spec: str, known: list[str]) -> str:
    """Returns that there is no such task, and what may have been meant.

    Args:
        spec: What the user typed.
        known: Names of data sets.
    """
    looks_like_path = os.path.dirname(spec) or "." in spec or spec[:1] == "~"
    if looks_like_path or find_near_path(spec):
        return (
            f"There is no such folder or file. {did_you_mean(spec)}{_FORMS} "
            f"Received: task={spec!r}"
        )
    return (
        "There is no such folder or file, nor a task of this name. "
        f"{nearest_names(spec, known)} Received: task={spec!r}"
    )


def _advice(path: pathlib.Path, kind: str) -> str:
    """Returns what to do with a file or folder, with a space behind it."""
    ending = path.suffix.lower() if path.is_file() else ""
    archive = _ARCHIVES.search(path.name) if ending else None
    stem = path.with_suffix("")
    if archive is not None:
        stem = path.with_name(path.name[: archive.start()])
        module = "zipfile" if archive[1] else "tarfile"
        text = f"Unpack it, and name the folder: `python -m {module} -e "
        text += "{quoted} {stem}`."
    elif ending in _TABLES:
        text = 'Convert it, with pandas: `python -c "import pandas; pandas.'
        text += _TABLES[ending] + ".to_csv('{stem}.csv', index=False)\"`."
    elif kind == "hdf5":
        text = _line_for_hdf5(path)
    elif kind in _MODELS:
        named = " The source is named by `--source {quoted}`."
        text = _MODEL + (named if kind in _SOURCES else "")
    else:
        text = _BY_ENDING.get(ending) or _BY_KIND.get(kind, "")
    quoted = shlex.quote(str(path))
    return f"{text} ".lstrip().format(path=path, stem=stem, quoted=quoted)


def _line_for_hdf5(path: pathlib.Path) -> str:
    import h5py

    with h5py.File(path) as file:
        arrays = {name: x for name, x in file.items() if hasattr(x, "ndim")}
        images = [name for name, x in arrays.items() if x.ndim >= 3]
        labels = [name for name, x in arrays.items() if x.ndim < 3]
    return (
        f'It holds {", ".join(arrays)}. Convert it: `python -c "import h5py, '
        "numpy as np; f = h5py.File('{path}'); np.savez('{stem}.npz', images="
        f"f['{[*images, 'images'][0]}'][:], "
        f"labels=f['{[*labels, 'labels'][0]}'][:])\"`."
    )
