"""Which backend Keras will load, and whether it is there."""

import importlib.util
import json
import os
import pathlib

_EXTRAS = {"tensorflow": "cpu", "jax": "jax"}


def require_backend() -> None:
    """Checks that the backend which Keras will load is installed.

    Raises:
        ImportError: If it is not, naming the extra to install.
    """
    backend = _configured_backend()
    if importlib.util.find_spec(backend) is not None:
        return
    extra = _EXTRAS.get(backend, "cpu")
    raise ImportError(
        f"Keras is set to the {backend} backend, which is not installed. Run "
        f"`python -m pip install 'keras-snow[{extra}]'`, or choose another "
        f"backend with the variable KERAS_BACKEND ({' or '.join(_EXTRAS)}). "
        f"Received: backend={backend!r}"
    )


def _configured_backend() -> str:
    """Reads the backend's name where Keras reads it, without Keras."""
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
