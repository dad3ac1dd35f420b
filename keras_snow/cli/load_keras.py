"""Imports Keras: once, when it is needed, quietly and quickly."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from keras_snow.core.backend import configured_backend
from keras_snow.core.backend import require_backend

# What Keras and TensorFlow import where it is installed, for parts of theirs
# that no verb uses: more than a third of the time that they take to load.
_UNUSED = ("matplotlib", "sklearn", "jax")


def load_keras() -> None:
    """Imports Keras and its backend.

    A verb calls it when what can be known without Keras has been looked at.
    """
    require_backend()
    if "keras" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _silent_standard_error(), _without_unused(), _without_collection():
        import keras  # noqa: F401


@contextlib.contextmanager
def _without_unused() -> Iterator[None]:
    hidden = [
        name
        for name in _UNUSED
        if name not in sys.modules and name != configured_backend()
    ]
    modules: dict[str, Any] = sys.modules
    modules.update(dict.fromkeys(hidden))
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Millions of objects come to stay: looking at them again is a waste."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextlib.contextmanager
def _silent_standard_error() -> Iterator[None]:
    """Holds back what a library writes to standard error while it loads.

    TensorFlow 2.21 greets from C++ at every log level. What was held back is
    shown if loading fails.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        original = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(original, held.read())
            raise
        finally:
            os.dup2(original, 2)
            os.close(original)
