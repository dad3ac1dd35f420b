"""TensorBoardCallback: what writes to TensorBoard after an epoch."""

import abc
import pathlib
from typing import Any

import keras

from keras_snow.callbacks.run_state import RunState
from keras_snow.callbacks.summaries import Summaries


class TensorBoardCallback(keras.callbacks.Callback, abc.ABC):
    """Writes to TensorBoard after an epoch.

    It does nothing where TensorFlow or TensorBoard is not installed, or once
    the run has a problem. Logs that can't be written don't end a run.

    Args:
        folder: Where TensorBoard will look.
        state: The run's state.
    """

    suffix = ""
    """Ending of the file's name; writers of a folder need different ones."""

    def __init__(self, folder: str | pathlib.Path, state: RunState) -> None:
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.state = state
        self._summaries = Summaries(folder, self.suffix)

    @abc.abstractmethod
    def write(self, summary: Any, done: int, logs: dict[str, Any]) -> None:
        """Writes what there is to tell of an epoch.

        Args:
            summary: `tf.summary`.
            done: Epochs that are over.
            logs: The epoch's numbers.
        """

    def is_due(self, done: int) -> bool:
        """Tells whether there is something to write.

        Args:
            done: Epochs that are over.
        """
        del done
        return True

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Writes, if there is something to write."""
        done = epoch + 1
        if self.state.problem or not self.is_due(done):
            return
        with self._summaries.opened() as summary:
            if summary is not None:
                self.write(summary, done, logs or {})

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the file."""
        self._summaries.close()
