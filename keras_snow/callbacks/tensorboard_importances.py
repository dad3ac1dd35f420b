"""TensorBoardImportances: how the importances are spread, in TensorBoard."""

from typing import Any

from keras_snow.callbacks.choices import choices_of
from keras_snow.callbacks.model_state import to_numpy
from keras_snow.callbacks.tensorboard_callback import TensorBoardCallback


class TensorBoardImportances(TensorBoardCallback):
    """Writes a histogram of the importances of each tap after each epoch.

    All begin at 1. Those that a task needs leave the others; while the heap
    around 1 is as narrow as the noise, the choice is still by chance.

    Args:
        folder: Where TensorBoard will look.
        state: The run's state.

    Examples:
        >>> from keras_snow.callbacks import RunState
        >>> TensorBoardImportances("logs", RunState()).folder
        PosixPath('logs')
    """

    suffix = ".importances"

    def is_due(self, done: int) -> bool:
        """As of `TensorBoardCallback`: if a layer selects channels."""
        del done
        return bool(choices_of(self.model))

    def write(self, summary: Any, done: int, logs: dict[str, Any]) -> None:
        """As of `TensorBoardCallback`."""
        del logs
        for tap, layer in choices_of(self.model).items():
            name = f"importance/{tap}"
            summary.histogram(name, to_numpy(layer.importance), step=done)
