"""The weights of a finished run, from which another goes on."""

from typing import Any

import keras

from keras_snow.callbacks import model_state
from keras_snow.core.differences import differences
from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.files import file_digest
from keras_snow.core.files import read_json
from keras_snow.core.finished_run import find_model
from keras_snow.training.run_folder import RunFolder

_TOLD_BY = ("name", "config", "frozen")


def describe_start(init: PathLike) -> str:
    """Returns a digest of what a run goes on from.

    Args:
        init: The folder of a finished run.

    Raises:
        FileNotFoundError: If there is none, or its checkpoints are gone.
    """
    folder = RunFolder(expand_home(init))
    find_model(folder.path)
    best = folder.checkpoints / "best.npz"
    if not best.is_file():
        raise FileNotFoundError(
            "The checkpoints of this run are gone, so nothing can go on from "
            f"it. Received: init={str(folder.path)!r}"
        )
    return file_digest(best)


def check_start(init: PathLike, model: dict[str, Any]) -> None:
    """Looks whether a run is one of the same model.

    Args:
        init: The folder of a finished run.
        model: What `describe_model` returned.

    Raises:
        ValueError: If it is another.
    """
    kept = read_json(RunFolder(init).run)["model"]
    found = differences(
        {name: kept.get(name) for name in _TOLD_BY},
        {name: model[name] for name in _TOLD_BY},
    )
    if found:
        raise ValueError(
            "A run goes on from the weights of the same model on the same "
            f"source. They differ in: {'; '.join(found)}. "
            f"Received: init={str(init)!r}"
        )


def start_from(model: keras.Model, init: PathLike) -> None:
    """Gives a model the weights that a finished run ended with.

    Args:
        model: A built model of the same architecture.
        init: The folder of the run.

    Raises:
        ValueError: If the checkpoint is damaged or of another model.
    """
    best = RunFolder(init).checkpoints / "best.npz"
    arrays, _ = model_state.load_state(best)
    model_state.write_weights(model, arrays)
    if hasattr(model, "restart"):
        model.restart()
