"""TensorBoardScalars: an epoch's numbers for TensorBoard."""

import pathlib
from typing import Any

import keras

from keras_snow.callbacks.run_state import RunState
from keras_snow.callbacks.summaries import Summaries


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
        self._summaries = Summaries(folder)

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Writes the epoch's numbers."""
        if self.state.problem:
            return
        with self._summaries.opened() as summary:
            for name, value in (logs or {}).items():
                if summary is not None:
                    summary.scalar(name, float(value), step=epoch + 1)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the file."""
        self._summaries.close()
