"""What may enter a bundle, in whatever form it comes."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_pixels
from keras_snow.core.dtype_policy import dtype_policy
from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.deltas.delta import Delta
from keras_snow.deltas.saved_delta import load_delta
from keras_snow.models.snow_model import SNOWModel
from keras_snow.serving.agreement import check_fits
from keras_snow.serving.bundled_task import class_names_of
from keras_snow.serving.deviation import measure_packing
from keras_snow.serving.image_sizes import IMAGE_SIZE
from keras_snow.serving.packing import DELTAS
from keras_snow.serving.packing import Packed
from keras_snow.serving.packing import pack
from keras_snow.serving.source_cuts import SourceCuts
from keras_snow.sources.image_size import check_not_emptied
from keras_snow.sources.image_size import fixed_size
from keras_snow.training.saved_run import find_delta

Deltalike = Delta | SNOWModel | PathLike


# Of a run's settings.
_KEPT = ("class_names", "image_size", "value_range", "engine", "thresholds")


def admit(
    delta: Deltalike,
    given: Mapping[str, Any],
    cuts: SourceCuts,
) -> tuple[Delta, Packed, dict[str, Any]]:
    """Returns a packed copy of a delta, and the facts of its task.

    Args:
        delta: As of `open_delta`.
        given: What the user says of the task; None says nothing.
        cuts: Of the bundle's source.
    """
    opened, facts = open_delta(delta)
    check_fits(opened, cuts)
    facts |= {key: value for key, value in given.items() if value is not None}
    if "class_names" in facts:
        facts["class_names"] = class_names_of(facts["class_names"])
    facts["num_classes"] = opened.num_classes
    facts["taps"] = tuple(opened.tap_names)
    cut = cuts.cut(opened.tap_names)
    network = cut.network
    only, _ = fixed_size(network)
    if only is not None:
        facts.setdefault("image_size", only)
    size = check_count("image_size", facts.get("image_size", IMAGE_SIZE))
    check_not_emptied(network, size, size)
    packed, arrays = pack(opened)
    facts["packing_deviation"] = measure_packing(opened, packed, cut, size)
    return packed, arrays, facts


def open_delta(delta: Deltalike) -> tuple[Delta, dict[str, Any]]:
    """Returns a delta and what came with it.

    Args:
        delta: A delta, a model with one, the path of its file or of the folder
            of a run.

    Returns:
        The delta, and what a run says of its task beside it.
    """
    facts: dict[str, Any] = {}
    if isinstance(delta, (str, os.PathLike)):
        path = expand_home(delta)
        if path.is_dir():
            path, settings = find_delta(path)
            facts = {name: settings[name] for name in _KEPT if name in settings}
        with dtype_policy("float32"):
            delta = load_delta(path)
    elif isinstance(delta, SNOWModel):
        facts["engine"] = delta.source.engine
        delta = delta.delta
    if not isinstance(delta, tuple(DELTAS.values())):
        raise TypeError(
            f"A bundle holds deltas of the classes {', '.join(DELTAS)}. "
            f"Received: delta={type(delta).__name__}"
        )
    return delta, facts


def pixels_of(images: Any) -> np.ndarray:
    """Returns images as a source takes them.

    Args:
        images: Raw RGB, `(batch, height, width, 3)`, values 0 to 255.
    """
    pixels = np.asarray(images)
    check_count("images", len(pixels) if pixels.ndim else 0)
    check_pixels(pixels)
    return pixels.astype("float32", copy=False)
