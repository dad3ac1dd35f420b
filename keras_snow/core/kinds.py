"""What a file or folder is, told by its name and a look into it."""

from __future__ import annotations

import os
import pathlib
import zipfile
from typing import Any

from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.files import read_json

KINDS = {
    "keras": "a Keras model",
    "keras_2": "a model of Keras 2",
    "keras_other_ending": "a Keras model under another ending",
    "keras_unpacked": "an unpacked Keras model",
    "h5": "a whole model in Keras' older HDF5 format",
    "weights": "a file of weights alone, without their network",
    "architecture": "the architecture of a Keras model, without weights",
    "saved_model": "a SavedModel of TensorFlow",
    "onnx": "an ONNX model",
    "torch": "a PyTorch file",
    "tflite": "a LiteRT model",
    "hugging_face": "a model of Hugging Face",
    "run": "a run of this package",
    "unfinished_run": "a run of this package that is not finished",
    "sequence": "a sequence of tasks",
    "comparison": "a comparison of methods",
    "search": "a search of settings",
    "few_shot": "a study of few images",
    "bundle": "a bundle",
    "delta": "a packed delta of a bundle",
    "image": "an image",
    "text": "a text file",
    "json": "a JSON file",
    "archive": "an archive",
    "table": "a table",
    "arrays": "an array file of NumPy",
    "hdf5": "an HDF5 file of arrays",
    "pickle": "a pickle of Python objects",
    "matlab": "a file of Matlab",
    "records": "a file of TensorFlow's records",
    "tfds": "a prepared data set of TensorFlow Datasets",
    "video": "a video",
    "document": "a document",
    "empty": "an empty folder",
    "folder": "a folder",
    "file": "a file of another kind",
}
"""Kinds, each with the words for it."""

_ENOUGH = 10_000  # Bytes of what Keras says of a file.
_ENDINGS = {
    "onnx": ".onnx",
    "torch": ".pt .pth .ckpt .safetensors .bin",
    "tflite": ".tflite",
    "delta": ".delta",
    "text": ".md .txt .rst .log .py .yaml .yml .toml .html .ipynb",
    "archive": ".zip .tar .gz .tgz .bz2 .xz .7z .rar",
    "table": ".csv .tsv .parquet .xlsx .xls .feather .arrow",
    "arrays": ".npz .npy",
    "json": ".jsonl .ndjson",
    "pickle": ".pkl .pickle",
    "matlab": ".mat",
    "records": ".tfrecord .tfrecords",
    "video": ".mp4 .avi .mov .mkv .webm",
    "document": ".pdf .doc .docx .odt .pptx",
    "image": ".jpg .jpeg .png .bmp .gif .webp .tif .tiff .avif .heic .heif",
}
_BY_ENDING = {
    ending: kind
    for kind, endings in _ENDINGS.items()
    for ending in endings.split()
}
# Files by which a folder is known, in the order of the looks.
_MARKS = {
    "bundle.json": "bundle",
    "comparison.json": "comparison",
    "search.json": "search",
    "fewshot.json": "few_shot",
    "saved_model.pb": "saved_model",
    "features.json": "tfds",
    "model.weights.h5": "keras_unpacked",
    "model.safetensors": "hugging_face",
    "pytorch_model.bin": "hugging_face",
}


def kind_of(path: PathLike) -> str:
    """Returns what a file or folder is, one of `KINDS`.

    Examples:
        >>> pathlib.Path("notes.md").touch()
        >>> KINDS[kind_of("notes.md")]
        'a text file'
    """
    place = expand_home(path)
    return _kind_of_folder(place) if place.is_dir() else _kind_of_file(place)


def _kind_of_folder(path: pathlib.Path) -> str:
    if (path / "run.json").is_file():
        return _kind_of_run(path)
    if (path / "settings.json").is_file():
        return "run"
    for name, kind in _MARKS.items():
        if (path / name).is_file():
            return kind
    with os.scandir(path) as entries:
        return "folder" if any(entries) else "empty"


def _kind_of_run(path: pathlib.Path) -> str:
    identity = _read_json(path / "run.json")
    if identity.get("kind") == "lifelong":
        return "sequence"
    finished = (path / "model" / "settings.json").is_file()
    return "run" if finished else "unfinished_run"


def _kind_of_file(path: pathlib.Path) -> str:
    ending = path.suffix.lower()
    if ending in (".h5", ".hdf5"):
        return _kind_of_hdf5(path)
    if ending == ".keras" or _holds(path, "config.json", "metadata.json"):
        return _kind_of_archive(path)
    if ending == ".json":
        found = _read_json(path)
        whole = {"class_name", "config"} <= set(found)
        return "architecture" if whole else "json"
    return _BY_ENDING.get(ending, "file")


def _kind_of_hdf5(path: pathlib.Path) -> str:
    import h5py

    try:
        with h5py.File(path) as file:
            if "model_config" in file.attrs:
                return "h5"
            # Weights lie in groups, one a layer; images all together.
            sides = (getattr(x, "ndim", 0) for x in file.values())
            return "hdf5" if max(sides, default=0) > 2 else "weights"
    except OSError:
        return "file"


def _kind_of_archive(path: pathlib.Path) -> str:
    if path.suffix != ".keras":
        return "keras_other_ending"
    if not _holds(path, "metadata.json"):
        return "keras"
    with (
        zipfile.ZipFile(path) as archive,
        archive.open("metadata.json") as file,
    ):
        written = file.read(_ENOUGH)
    return "keras_2" if b'"keras_version": "2.' in written else "keras"


def _holds(path: pathlib.Path, *names: str) -> bool:
    """Tells whether a file is a zip archive with files of these names."""
    try:
        with zipfile.ZipFile(path) as archive:
            return set(names) <= set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _read_json(path: pathlib.Path) -> dict[str, Any]:
    """Returns an object of JSON; an empty one if there is another thing."""
    try:
        found = read_json(path)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
