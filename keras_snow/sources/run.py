"""The network of a finished run, from which others can start."""

import dataclasses
import pathlib
from typing import Any

import keras

from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.finished_run import find_model
from keras_snow.core.finished_run import read_settings
from keras_snow.core.load_model import load_model
from keras_snow.sources.flat import flattened
from keras_snow.sources.known import NETWORKS
from keras_snow.sources.origin import Origin
from keras_snow.sources.origin import is_run
from keras_snow.sources.source import load_network
from keras_snow.sources.tap_choice import is_place

SOURCE = "source.keras"  # What `keras_snow.pretraining` leaves.
# What the parts of our models are called that hold a network.
_HOLDERS = ("source", "frozen", "body")


@dataclasses.dataclass(frozen=True)
class RunNetwork:
    """What a run's answers come from.

    Args:
        network: A network that was trained, whole or in part.
        origin: Where the network is that the run left as it was, if it did.
        taps: Where it is tapped; None for all block ends.
    """

    network: keras.Model | None
    origin: Origin | None
    taps: list[str] | None


def read_run(folder: PathLike) -> RunNetwork:
    """Finds the network of a finished run.

    A run of `pretrain` left it as a file. Of SNOW, whose source is frozen, it
    is that source; of any other method all that answers, without its head.

    Args:
        folder: What was given to the run as `out`.

    Raises:
        FileNotFoundError: If its model is gone.
        ValueError: If a file is damaged.
    """
    file = find_file(folder)
    settings = read_settings(folder)
    known = settings.get("taps") or settings.get("notes", {}).get("taps")
    if settings["kind"] == "delta":
        origin = Origin(
            settings["source"],
            settings.get("weights"),
            settings.get("input_scale"),
        )
        return RunNetwork(None, origin, known)
    network = load_network(file) if file.name == SOURCE else _open_model(file)
    if known is None and settings.get("source"):
        known = _taps_of(settings["source"], network)
    names = [layer.name for layer in network.layers]
    # A method may end before the last tap of its source.
    left = [name for name in known or () if name in names or is_place(name)]
    return RunNetwork(network, None, left or None)


def find_file(folder: PathLike) -> pathlib.Path:
    """Returns the file that tells the network of a run from another's.

    Args:
        folder: What was given to the run as `out`.

    Raises:
        FileNotFoundError: If it is gone.
    """
    model = find_model(folder)
    for file in (
        expand_home(folder) / SOURCE,
        model / "delta.keras",
        model / "model.keras",
    ):
        if file.is_file():
            return file
    raise FileNotFoundError(
        f"The model of this run is gone. Received: source={str(folder)!r}"
    )


def _taps_of(source: str, network: keras.Model) -> list[str] | None:
    """Returns where the source that a run started from is tapped."""
    if source in NETWORKS:
        names = [layer.name for layer in network.layers]
        return NETWORKS.get(source).taps_among(names)
    return read_run(source).taps if is_run(source) else None


def _open_model(path: pathlib.Path) -> keras.Model:
    """Returns the graph of a whole model, up to the maps of its last layer."""
    try:
        model: Any = load_model(path)
    except ValueError as error:
        raise ValueError(
            "The model of this run could not be loaded; it may be damaged "
            f"({error}). "
            f"Received: path={str(path)!r}"
        ) from error
    for name in _HOLDERS:
        held = getattr(getattr(model, name, None), "network", None)
        if isinstance(held, keras.Model):
            return flattened(held)
    return flattened(model)
