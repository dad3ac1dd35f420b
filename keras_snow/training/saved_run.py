"""The trained model in a run's folder, written and read."""

import pathlib
from typing import Any

import keras

from keras_snow.core.dtype_policy import dtype_policy
from keras_snow.core.files import PathLike
from keras_snow.core.files import replace_atomically
from keras_snow.core.files import write_json
from keras_snow.core.finished_run import SETTINGS as SETTINGS
from keras_snow.core.finished_run import find_model as find_model
from keras_snow.core.finished_run import read_settings
from keras_snow.core.load_model import load_model
from keras_snow.models.snow_model import SNOWModel

DELTA = "delta.keras"
WHOLE = "model.keras"
NO_MODEL = "source"
"""The `kind` of a run that leaves no model but a source."""


def save_model(
    model: keras.Model, folder: pathlib.Path, settings: dict[str, Any]
) -> None:
    """Writes a trained model: a delta alone if its source can be had again.

    Args:
        model: The trained model.
        folder: Where to write.
        settings: `source`, `weights`, `class_names`, `image_size`, ...; they
            are completed by `kind` and written last.

    Raises:
        OSError: If there is no space left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(model, SNOWModel) and settings.get("source"):
        model.save_delta(folder / DELTA)
        kind = "delta"
    else:
        with replace_atomically(folder / WHOLE) as temporary:
            model.save(temporary)
        kind = "model"
    write_json(folder / SETTINGS, {**settings, "kind": kind})


def load_run(
    folder: PathLike, source: Any = None
) -> tuple[keras.Model, dict[str, Any]]:
    """Loads the model of a finished run.

    Args:
        folder: The folder that `train` wrote, or its `model` folder.
        source: The source, if it is no longer where it was: a name, a path or
            a model.

    Returns:
        The model, with the precision that it was trained in, and its settings:
        `class_names`, `image_size`, `source`, ...

    Raises:
        FileNotFoundError: If there is no finished run.
        ValueError: If a file is damaged, the source is another one, or the run
            made a source, which answers nothing.
    """
    settings = read_settings(folder)
    folder = find_model(folder)
    if settings["kind"] == NO_MODEL:
        raise ValueError(
            "This run made a source, which answers nothing by itself. Learn "
            "a task on it: `--source` takes the run's folder. "
            f"Received: folder={str(folder)!r}"
        )
    with dtype_policy(settings.get("precision", "float32")):
        if settings["kind"] == "model":
            return _load_whole(folder / WHOLE), settings
        model = SNOWModel.from_delta(
            settings["source"] if source is None else source,
            folder / DELTA,
            settings.get("weights"),
        )
        # Runs of before there were engines have none.
        model.source.engine = settings.get("engine", "keras")
    return model, settings


def find_delta(folder: PathLike) -> tuple[pathlib.Path, dict[str, Any]]:
    """Returns the delta's file of a finished run, without its source.

    Args:
        folder: The folder that `train` wrote, or its `model` folder.

    Returns:
        The path and the run's settings: `class_names`, `image_size`, ...

    Raises:
        FileNotFoundError: If there is no finished run.
        ValueError: If the run's method has no delta, or a file is damaged.
    """
    settings = read_settings(folder)
    folder = find_model(folder)
    if settings["kind"] != "delta":
        raise ValueError(
            "This run left a whole model and no delta; only SNOW's deltas, "
            "trained on a source given by name or file, share a source. "
            f"Received: folder={str(folder)!r}"
        )
    return folder / DELTA, settings


def _load_whole(path: pathlib.Path) -> keras.Model:
    if not path.is_file():
        raise FileNotFoundError(
            f"The model of this run is gone. Received: path={str(path)!r}"
        )
    try:
        return load_model(path)
    except ValueError as error:
        raise ValueError(
            "This file could not be loaded as a model; it may be damaged "
            f"({error}). "
            f"Received: path={str(path)!r}"
        ) from error
