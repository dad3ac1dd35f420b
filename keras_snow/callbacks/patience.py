"""Patience: ends a run that validation has not found better for a while."""

from typing import Any

import keras

from keras_snow.callbacks.run_state import RunState


class Patience(keras.callbacks.Callback):
    """Ends a run after so many epochs without a better one.

    What is better is what the run's state counts as its best epoch, which
    `Curves` has judged before. A run that goes on after a kill has waited for
    as long as before.

    Args:
        state: The run's state.
        epochs: Epochs to wait.

    Examples:
        >>> Patience(RunState(), epochs=5).epochs
        5
    """

    def __init__(self, state: RunState, epochs: int) -> None:
        super().__init__()
        self.state = state
        self.epochs = epochs

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Ends the run if it has waited long enough."""
        if self.state.has_waited(self.epochs):
            self.model.stop_training = True
