"""SNOW for Keras 3: many small networks subscribed to one frozen source."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
from pathlib import Path
from typing import Any

__version__ = "0.1.0"

# Public names in the order of the data, each with the module that defines it.
# They are imported at first use: `keras-snow --help` need not wait for Keras.
_HOMES: dict[str, str] = {}

__all__ = ["__version__", *_HOMES]

_EXTRAS = {"tensorflow": "cpu", "jax": "jax"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    require_backend()
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


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
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    try:
        settings = json.loads((home / "keras.json").read_text())
        return str(settings.get("backend", "tensorflow"))
    except (OSError, ValueError, AttributeError):
        return "tensorflow"
