"""A verb of the command line: a command that needs Keras once it runs."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import click

from keras_snow.cli.group import debug_option
from keras_snow.core.backend import require_backend


class Verb(click.Command):
    """A command with `--debug` that loads Keras when it is invoked.

    Not before: `keras-snow VERB --help` and a misspelt option answer at once.

    Args:
        *args: As of `click.Command`.
        **kwargs: As of `click.Command`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        debug_option(self)

    def invoke(self, ctx: click.Context) -> Any:
        """Loads Keras and runs the verb.

        Args:
            ctx: The context of the verb.
        """
        _load_keras()
        return super().invoke(ctx)


def _load_keras() -> None:
    require_backend()
    if "keras" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _silent_standard_error():
        import keras  # noqa: F401


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
