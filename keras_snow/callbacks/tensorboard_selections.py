"""TensorBoardSelections: the figure of the selections, in TensorBoard."""

import pathlib
from typing import Any

import keras

from keras_snow.callbacks.run_state import RunState
from keras_snow.callbacks.selection_figure import draw_history
from keras_snow.callbacks.selection_recorder import SelectionRecorder
from keras_snow.callbacks.summaries import Summaries
from keras_snow.visualization.canvas import pixels_of

IMAGES = 5  # Of a run: drawing one takes about half a second.


class TensorBoardSelections(keras.callbacks.Callback):
    """Writes the figure of the selections as an image summary.

    Five times a run, the last time behind its last epoch. It does nothing
    where TensorFlow or TensorBoard is not installed, or nothing is selected.
    Logs that can't be written don't end a run.

    Args:
        folder: Where TensorBoard will look.
        state: The run's state.
        recorder: Holds the history; it must be called before.

    Examples:
        >>> state = RunState()
        >>> recorder = SelectionRecorder(None, state, steps=1)
        >>> TensorBoardSelections("logs", state, recorder).folder
        PosixPath('logs')
    """

    def __init__(
        self,
        folder: str | pathlib.Path,
        state: RunState,
        recorder: SelectionRecorder,
    ) -> None:
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.state = state
        self.recorder = recorder
        self._summaries = Summaries(folder, ".selections")

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Draws and writes the figure, if it is time to."""
        done, epochs = epoch + 1, self.params.get("epochs", epoch + 1)
        history = self.recorder.history
        due = done == epochs or done % -(-epochs // IMAGES) == 0
        if self.state.problem or not due or not history.channels:
            return
        with self._summaries.opened() as summary:
            if summary is not None:
                pixels = pixels_of(draw_history(history))
                summary.image("selections", pixels[None], step=done)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the file."""
        self._summaries.close()
