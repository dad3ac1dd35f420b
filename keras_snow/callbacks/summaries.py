"""Summaries: a file of TensorBoard's that never ends a run."""

import contextlib
import importlib.util
import pathlib
from collections.abc import Iterator
from typing import Any

# TensorFlow writes summaries with code that lies in TensorBoard.
NEEDED = ("tensorflow", "tensorboard")


def can_write_summaries() -> bool:
    """Tells whether TensorFlow and TensorBoard are installed."""
    return all(map(importlib.util.find_spec, NEEDED))


class Summaries:
    """Writes summaries into a folder that TensorBoard reads.

    Nothing is written where TensorFlow or TensorBoard is not installed, or from
    the moment on that a file can't be written.

    Args:
        folder: Where TensorBoard will look.
        suffix: Ending of the file's name; writers of a folder need different
            ones.

    Examples:
        >>> Summaries("logs").folder
        PosixPath('logs')
    """

    def __init__(self, folder: str | pathlib.Path, suffix: str = "") -> None:
        self.folder = pathlib.Path(folder)
        self.suffix = suffix
        self._writer: Any = None
        self._works = can_write_summaries()

    @contextlib.contextmanager
    def opened(self) -> Iterator[Any]:
        """Gives `tf.summary` to write with, or None if nothing can be written.

        What was written is on disk afterwards.
        """
        if not self._works:
            yield None
            return
        import tensorflow as tf

        try:
            if self._writer is None:
                self._writer = tf.summary.create_file_writer(
                    str(self.folder), filename_suffix=self.suffix
                )
            with self._writer.as_default():
                yield tf.summary
            self._writer.flush()
        except (tf.errors.OpError, OSError):
            self._works = False

    def close(self) -> None:
        """Closes the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
