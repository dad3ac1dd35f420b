"""Networks that others publish, by the handles under which Keras loads them."""

import importlib
from typing import Any

import keras

from keras_snow.sources.handles import HUB
from keras_snow.sources.input_scale import behind

_PIXELS = "image_converter"


def load_published(spec: str, weights: str | None) -> keras.Model:
    """Loads a network of KerasHub, or a Keras model on Hugging Face.

    What KerasHub makes of pixels before a backbone becomes a layer of it.

    Args:
        spec: `keras_hub:PRESET`, `kaggle://...` or `hf://USER/MODEL`.
        weights: None for random ones, of a network of KerasHub.

    Raises:
        OSError: If it can't be had.
    """
    try:
        if spec.startswith("hf://"):
            return keras.saving.load_model(spec)
        return _from_hub(spec.removeprefix(HUB), weights is not None)
    except Exception as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise OSError(
            "This network could not be loaded; see whether its name is right "
            f"and there is a connection ({lines[0]}). Received: source={spec!r}"
        ) from error


def _from_hub(preset: str, load_weights: bool) -> keras.Model:
    hub: Any = importlib.import_module("keras_hub")
    backbone = hub.models.Backbone.from_preset(
        preset, load_weights=load_weights
    )
    try:
        converter = hub.layers.ImageConverter.from_preset(preset)
    except Exception:
        return backbone
    scale, offset = converter.scale, converter.offset
    if scale is None and offset is None:
        return backbone
    scaled = keras.layers.Rescaling(
        1.0 if scale is None else _plain(scale),
        0.0 if offset is None else _plain(offset),
        name=_PIXELS,
    )
    return behind(backbone, scaled)


def _plain(value: Any) -> float | list[float]:
    return list(value) if isinstance(value, (list, tuple)) else float(value)
