"""TensorBoardSelections: the figure of the selections, in TensorBoard."""

import pathlib
from typing import Any

from keras_snow.callbacks.run_state import RunState
from keras_snow.callbacks.selection_figure import draw_history
from keras_snow.callbacks.selection_recorder import SelectionRecorder
from keras_snow.callbacks.tensorboard_callback import TensorBoardCallback
from keras_snow.visualization.canvas import pixels_of

IMAGES = 5  # Of a run: drawing one takes about half a second.


class TensorBoardSelections(TensorBoardCallback):
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

    suffix = ".selections"

    def __init__(
        self,
        folder: str | pathlib.Path,
        state: RunState,
        recorder: SelectionRecorder,
    ) -> None:
        super().__init__(folder, state)
        self.recorder = recorder

    def is_due(self, done: int) -> bool:
        """As of `TensorBoardCallback`: five times a run."""
        epochs = self.params.get("epochs", done)
        if done != epochs and done % -(-epochs // IMAGES):
            return False
        return bool(self.recorder.history.channels)

    def write(self, summary: Any, done: int, logs: dict[str, Any]) -> None:
        """As of `TensorBoardCallback`: draws and writes the figure."""
        del logs
        pixels = pixels_of(draw_history(self.recorder.history))
        summary.image("selections", pixels[None], step=done)
