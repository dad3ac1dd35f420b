"""The folder of a finished run: found, and its settings read, without Keras."""

import os
import pathlib
from typing import Any

from keras_snow.core.checks import check_count
from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.files import read_json
from keras_snow.core.kinds import KINDS
from keras_snow.core.kinds import kind_of
from keras_snow.core.near_path import did_you_mean

SETTINGS = "settings.json"

# What to do with a folder of another kind.
_ADVICE = {
    "bundle": "Use `keras-snow bundle predict` or `keras-snow route`.",
    "sequence": "The runs of its tasks are the folders in `tasks`.",
    "comparison": "Its runs are the folders below `runs`.",
    "search": "Its trials are the folders in `runs`.",
}


def find_model(folder: PathLike) -> pathlib.Path:
    """Returns the folder that holds the trained model of a run."""
    place = expand_home(folder)
    for found in (place / "model", place):
        if (found / SETTINGS).is_file():
            return found
    asked = f"Received: folder={str(place)!r}"
    if not os.path.lexists(place):
        raise FileNotFoundError(
            f"There is no such folder. {did_you_mean(place)}Name the folder "
            f"that was given to training as output. {asked}"
        )
    kind = kind_of(place)
    if kind == "unfinished_run":
        raise FileNotFoundError(
            "The run in this folder is not finished. Give the command that "
            f"began it again to go on. {asked}"
        )
    held = "" if kind in ("folder", "empty") else f" It is {KINDS[kind]}."
    advice = f" {_ADVICE[kind]}" if kind in _ADVICE else ""
    raise FileNotFoundError(
        f"There is no run in this folder.{held}{advice} Name the folder that "
        f"was given to training as output. {asked}"
    )


def read_settings(folder: PathLike) -> dict[str, Any]:
    """Returns the settings of a finished run: `class_names`, `image_size`, ...

    Args:
        folder: As of `find_model`.

    Raises:
        FileNotFoundError: If there is no finished run.
        ValueError: If the file is damaged.
    """
    path = find_model(folder) / SETTINGS
    settings: dict[str, Any] = read_json(path, ["kind"])
    if settings.get("image_size") is not None:
        check_count("image_size", settings["image_size"])
    return settings
