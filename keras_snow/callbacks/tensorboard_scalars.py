"""TensorBoardScalars: an epoch's numbers for TensorBoard."""

import importlib.util
import pathlib
from typing import Any

import keras

from keras_snow.callbacks.run_state import RunState

# TensorFlow writes summaries with code that lies in TensorBoard.
NEEDED = ("tensorflow", "tensorboard")


class TensorBoardScalars(keras.callbacks.Callback):
    """Writes an epoch's numbers as TensorBoard scalars.

    It does nothing where TensorFlow or TensorBoard is not installed. Logs
    that can't be written don't end a run.

    Args:
        folder: Where TensorBoard will look.
        state: The run's state.

    Examples:
        >>> TensorBoardScalars("logs", RunState()).folder
        PosixPath('logs')
    """

    def __init__(self, folder: str | pathlib.Path, state: RunState) -> None:
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.state = state
        self._writer: Any = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Opens the file."""
        if not all(map(importlib.util.find_spec, NEEDED)):
            return
        import tensorflow as tf

        self._writer = tf.summary.create_file_writer(str(self.folder))

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Writes the epoch's numbers."""
        if self._writer is None or self.state.problem:
            return
        import tensorflow as tf

        try:
            with self._writer.as_default():
                for name, value in (logs or {}).items():
                    tf.summary.scalar(name, float(value), step=epoch + 1)
            self._writer.flush()
        except (tf.errors.OpError, OSError):
            self._writer = None

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the file."""
        if self._writer is not None:
            self._writer.close()
