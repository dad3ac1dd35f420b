"""Which backend Keras will load, and whether it can be used."""

import importlib.util
import json
import os
import pathlib

from keras_snow.core.extras import install_command
from keras_snow.core.registry import nearest_names

# With the extra that brings each; Keras' OpenVINO backend predicts alone.
_EXTRAS = {"tensorflow": "cpu", "jax": "jax"}
_KNOWN = [*_EXTRAS, "openvino"]
_UNSUPPORTED = {"torch": "PyTorch", "numpy": "NumPy"}
_SET = "Set the variable KERAS_BACKEND, or `backend` in keras.json, to"


def require_backend() -> None:
    """Checks that the backend which Keras will load is one that can be used."""
    backend = configured_backend()
    if backend in _UNSUPPORTED:
        raise ImportError(
            f"keras_snow does not support Keras' {_UNSUPPORTED[backend]} "
            f"backend. {_SET} {' or '.join(_EXTRAS)}. "
            f"Received: backend={backend!r}"
        )
    if backend not in _KNOWN:
        raise ImportError(
            f"Keras has no such backend. {nearest_names(backend, _EXTRAS)} "
            f"{_SET} one of them. Received: backend={backend!r}"
        )
    if importlib.util.find_spec(backend) is None:
        extra = _EXTRAS.get(backend, "export")
        raise ImportError(
            f"Keras is set to the {backend} backend, which is not installed. "
            f"Run `{install_command(extra)}`, or choose another backend with "
            f"the variable KERAS_BACKEND ({' or '.join(_EXTRAS)}). "
            f"Received: backend={backend!r}"
        )


def configured_backend() -> str:
    """Returns the backend's name from where Keras reads it, without Keras."""
    if chosen := os.environ.get("KERAS_BACKEND"):
        return chosen
    home = pathlib.Path(
        os.environ.get("KERAS_HOME", pathlib.Path.home() / ".keras")
    )
    try:
        settings = json.loads((home / "keras.json").read_text())
        return str(settings.get("backend", "tensorflow"))
    except (OSError, ValueError, AttributeError):
        return "tensorflow"
