"""SelectionRecorder: writes down which channels a run chooses."""

import pathlib
from typing import Any

import keras
import numpy as np

from keras_snow.callbacks.choices import choices_of
from keras_snow.callbacks.run_state import RunState
from keras_snow.callbacks.selection_history import SelectionHistory
from keras_snow.core.checks import check_count


class SelectionRecorder(keras.callbacks.Callback):
    """Records the chosen channels at the start and after each epoch.

    The file is written before the epoch's checkpoint is: a resumed run leaves
    out what it holds of epochs that are trained again. Of models without
    channel pooling there is no file.

    Args:
        path: The `.npz` file; None keeps the history in memory.
        state: The run's state, for how far it is.
        steps: Steps of an epoch.
        records: Records an epoch. More than one show how choices move within
            an epoch; each costs a copy of the importances to the host.

    Raises:
        ValueError: If `records` is not positive.

    Examples:
        >>> SelectionRecorder(None, RunState(), steps=10).records
        1
    """

    def __init__(
        self,
        path: pathlib.Path | None,
        state: RunState,
        steps: int,
        records: int = 1,
    ) -> None:
        super().__init__()
        self.path = path
        self.state = state
        self.records = check_count("records", records)
        self.steps = check_count("steps", steps)
        self.history = SelectionHistory.of({})
        self._layers: list[Any] = []
        self._epoch = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Goes on with the history of the run, if it has one."""
        choices = choices_of(self.model)
        self._layers = list(choices.values())
        done = self.state.epochs_done
        self.history = self._find_history(
            {
                tap: int(layer.importance.shape[0])
                for tap, layer in choices.items()
            }
        ).until(done)
        if done not in self.history.moments:
            self._record(float(done))

    def on_epoch_begin(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Remembers the epoch."""
        self._epoch = epoch

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Records within the epoch, if it is asked to."""
        if self.records == 1 or batch + 1 >= self.steps:
            return
        # The first step at or behind each of the wanted parts of the epoch.
        if (batch + 1) * self.records % self.steps < self.records:
            self._record(self._epoch + (batch + 1) / self.steps)

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Records the epoch's end and writes the file."""
        if self.state.problem:
            return
        self._record(epoch + 1.0)
        if self.path is not None and self._layers:
            self.history.save(self.path)

    def _find_history(self, channels: dict[str, int]) -> SelectionHistory:
        new = SelectionHistory.of(channels)
        if self.path is None or not self.path.is_file():
            return new
        try:
            found = SelectionHistory.load(self.path)
        except ValueError:
            return new  # A run is worth more than its figure.
        return found if found.channels == channels else new

    def _record(self, moment: float) -> None:
        # On JAX asking for the model brings its layers up to date.
        if self.model is None or not self._layers:
            return
        self.history.add(
            moment, [np.asarray(x.selected_channels()) for x in self._layers]
        )
