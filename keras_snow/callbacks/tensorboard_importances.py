"""TensorBoardImportances: how the importances are spread, in TensorBoard."""

import pathlib
from typing import Any

import keras

from keras_snow.callbacks.model_state import to_numpy
from keras_snow.callbacks.run_state import RunState
from keras_snow.callbacks.selection_history import tap_of
from keras_snow.callbacks.summaries import Summaries
from keras_snow.recipes.traversal import layers_of


class TensorBoardImportances(keras.callbacks.Callback):
    """Writes a histogram of the importances of each tap after each epoch.

    All begin at 1. Those that a task needs leave the others; while the heap
    around 1 is as narrow as the noise, the choice is still by chance.

    Args:
        folder: Where TensorBoard will look.
        state: The run's state.

    Examples:
        >>> TensorBoardImportances("logs", RunState()).folder
        PosixPath('logs')
    """

    def __init__(self, folder: str | pathlib.Path, state: RunState) -> None:
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.state = state
        self._summaries = Summaries(folder, ".importances")

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Writes the histograms."""
        if self.state.problem:
            return
        found = {
            tap_of(layer.name): to_numpy(layer.importance)
            for layer in layers_of(self.model)
            if hasattr(layer, "selected_channels")
        }
        if not found:
            return
        with self._summaries.opened() as summary:
            for name, values in found.items():
                if summary is not None:
                    summary.histogram(
                        f"importance/{name}", values, step=epoch + 1
                    )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the file."""
        self._summaries.close()
