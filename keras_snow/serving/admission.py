"""What may enter a bundle, in whatever form it comes."""

import os
import pathlib
from typing import Any

import numpy as np

from keras_snow.core.checks import check_pixels
from keras_snow.core.files import PathLike
from keras_snow.deltas.delta import Delta
from keras_snow.deltas.resnet_delta import ResNetDelta
from keras_snow.deltas.saved_delta import load_delta
from keras_snow.models.snow_model import SNOWModel
from keras_snow.sources.candidates import outputs_of
from keras_snow.sources.source import Source
from keras_snow.training.saved_run import find_delta

Deltalike = Delta | SNOWModel | PathLike


def open_delta(delta: Deltalike) -> tuple[ResNetDelta, dict[str, Any]]:
    """Returns a delta and what came with it.

    Args:
        delta: A delta, a model with one, the path of its file or of the folder
            of a run.

    Returns:
        The delta, and `class_names` and `image_size` of a run.

    Raises:
        FileNotFoundError: If there is no such file.
        TypeError: If it is none of these.
        ValueError: If a file is damaged or holds something else.
    """
    facts: dict[str, Any] = {}
    if isinstance(delta, (str, os.PathLike)):
        path = pathlib.Path(delta).expanduser()
        if path.is_dir():
            path, settings = find_delta(path)
            names = ("class_names", "image_size")
            facts = {name: settings[name] for name in names if name in settings}
        delta = load_delta(path)
    elif isinstance(delta, SNOWModel):
        delta = delta.delta
    if not isinstance(delta, ResNetDelta):
        raise TypeError(
            "A bundle holds deltas of the class `ResNetDelta`. "
            f"Received: delta={type(delta).__name__}"
        )
    return delta, facts


def check_taps(delta: Delta, source: Source) -> None:
    """Looks whether a source has the taps of a delta.

    Args:
        delta: The delta.
        source: The whole source.

    Raises:
        ValueError: If it lacks one.
    """
    known = outputs_of(source.network)
    missing = [name for name in delta.tap_names if name not in known]
    if missing:
        raise ValueError(
            "This delta reads taps that the bundle's source does not have: it "
            "was made for another source, or for more of it. Received: "
            f"missing taps {missing[:3]}, source={source.name!r}"
        )


def pixels_of(images: Any) -> np.ndarray:
    """Returns images as a source takes them.

    Args:
        images: Raw RGB, `(batch, height, width, 3)`, values 0 to 255.

    Raises:
        ValueError: If they are something else.
    """
    pixels = np.asarray(images)
    check_pixels(pixels)
    return pixels.astype("float32", copy=False)
