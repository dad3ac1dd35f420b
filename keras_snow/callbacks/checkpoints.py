"""Checkpoints: the last and the best state of a run, on disk or in memory."""

import pathlib
from typing import Any

import keras

from keras_snow.callbacks import model_state
from keras_snow.callbacks.divergence_guard import divergence_message
from keras_snow.callbacks.run_state import RunState

# Values by name, and plain data.
Saved = tuple[model_state.Arrays, dict[str, Any]]


class Checkpoints(keras.callbacks.Callback):
    """Keeps the last and the best state of a run after each epoch.

    `last.npz` holds the changing weights, the optimizer and the run's state in
    one file, `best.npz` the weights of the best epoch. Each is replaced as a
    whole, `last.npz` first, so a kill at any moment leaves a state from which
    the run goes on. Weights that are not finite are never written.

    Args:
        folder: Where to write. `None` keeps the best weights in memory.
        state: The run's state.

    Examples:
        >>> Checkpoints(None, RunState()).last is None
        True
    """

    def __init__(self, folder: pathlib.Path | None, state: RunState) -> None:
        super().__init__()
        self.folder = folder
        self.state = state
        self._best: model_state.Arrays = {}

    @property
    def last(self) -> pathlib.Path | None:
        """The file with the last state."""
        return self.folder and self.folder / "last.npz"

    @property
    def best(self) -> pathlib.Path | None:
        """The file with the best weights."""
        return self.folder and self.folder / "best.npz"

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Saves the epoch, unless the run diverged."""
        if not self.state.problem:
            self.save()

    def save(self) -> None:
        """Saves the model as the last state, and as the best if it is."""
        weights = model_state.read_weights(self.model)
        epoch = self.state.epochs_done
        if not model_state.all_finite(weights):
            self.state.problem = divergence_message(
                "weights", max(epoch - 1, 0), "the end"
            )
            self.model.stop_training = True
            return
        if self.last:
            optimizer = model_state.read_optimizer(self.model)
            model_state.save_state(
                self.last, weights | optimizer, self.state.to_dict()
            )
        if epoch == self.state.best_epoch:
            self._keep_best(weights)

    def restore(self) -> bool:
        """Sets model, optimizer and run's state to the last, if there is one.

        Returns:
            Whether there is one.

        Raises:
            ValueError: If the file is damaged or of another model.
        """
        found = self._read("last")
        if found is None:
            return False
        arrays, fields = found
        model_state.write_weights(self.model, arrays)
        model_state.write_optimizer(self.model, arrays)
        vars(self.state).update(vars(RunState.from_dict(fields)))
        epoch = self.state.epochs_done
        if self.best and epoch == self.state.best_epoch:
            _mend_best(self.best, arrays, epoch)
        return True

    def restore_best(self) -> bool:
        """Sets the model to the weights of the best epoch, if there is one.

        Returns:
            Whether there is one.
        """
        found = self._read("best")
        weights = self._best if found is None else found[0]
        if weights:
            model_state.write_weights(self.model, weights)
        return bool(weights)

    def _read(self, name: str) -> Saved | None:
        path = self.folder and self.folder / f"{name}.npz"
        if path is None or not path.exists():
            return None
        return model_state.load_state(path)

    def _keep_best(self, weights):
        if not self.best:
            self._best = weights
            return
        model_state.save_state(
            self.best, weights, {"epoch": self.state.best_epoch}
        )


def _mend_best(
    path: pathlib.Path, arrays: model_state.Arrays, epoch: int
) -> None:
    """A kill between the two files leaves an old best."""
    if path.exists() and model_state.load_state(path)[1]["epoch"] == epoch:
        return
    weights = model_state.weights_in(arrays)
    model_state.save_state(path, weights, {"epoch": epoch})
