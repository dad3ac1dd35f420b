"""TensorBoardImportances: how the importances are spread, in TensorBoard."""

from typing import Any

import keras

from keras_snow.callbacks.model_state import to_numpy
from keras_snow.callbacks.selection_history import tap_of
from keras_snow.callbacks.tensorboard_callback import TensorBoardCallback
from keras_snow.recipes.traversal import layers_of


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
        return bool(self._selecting())

    def write(self, summary: Any, done: int, logs: dict[str, Any]) -> None:
        """As of `TensorBoardCallback`."""
        del logs
        for layer in self._selecting():
            name = f"importance/{tap_of(layer.name)}"
            summary.histogram(name, to_numpy(layer.importance), step=done)

    def _selecting(self) -> list[keras.layers.Layer]:
        return [
            layer
            for layer in layers_of(self.model)
            if hasattr(layer, "selected_channels")
        ]
