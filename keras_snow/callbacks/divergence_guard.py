"""DivergenceGuard: stops a run whose loss or weights are not finite."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.callbacks.run_state import RunState

# A look waits for the device, so it is taken this seldom.
EVERY = 20


class DivergenceGuard(keras.callbacks.Callback):
    """Stops a run whose loss or weights are not finite.

    It looks after the first step, every 20 steps and at the end of an epoch,
    and notes the problem in the state: `train` raises it once `fit` is over.
    One image with NaN can spoil the weights while the loss stays finite, so
    the weights are looked at too.

    Args:
        state: The run's state.

    Examples:
        >>> DivergenceGuard(RunState()).state.problem
    """

    def __init__(self, state: RunState) -> None:
        super().__init__()
        self.state = state
        self._epoch = 0

    def on_epoch_begin(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Notes the epoch."""
        self._epoch = epoch

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Looks after the first step and every 20 steps."""
        if batch and (batch + 1) % EVERY:
            return
        if keras.backend.backend() == "jax":
            self.model.jax_state_sync()
        self._look(f"step {batch + 1}", logs or {})

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Looks before anything of the epoch is kept."""
        self._look("the end", logs or {})

    def _look(self, where, logs):
        if self.state.problem:
            return
        if not math.isfinite(float(logs.get("loss", 0.0))):
            what = "loss"
        elif not weights_are_finite(self.model):
            what = "weights"
        else:
            return
        self.state.problem = divergence_message(what, self._epoch, where)
        self.model.stop_training = True


def weights_are_finite(model: keras.Model) -> bool:
    """Tells whether no trained weight is NaN or infinite, in one transfer."""
    if not model.trainable_variables:
        return True
    # A sum is NaN or infinite if one of its terms is; 0 * x keeps it in range.
    sums = [
        ops.sum(ops.multiply(ops.convert_to_tensor(x), 0.0))
        for x in model.trainable_variables
    ]
    return bool(np.isfinite(ops.convert_to_numpy(ops.sum(ops.stack(sums)))))


def divergence_message(what: str, epoch: int, where: str) -> str:
    """Says what went wrong and what to do about it."""
    return (
        f"The run diverged: its {what} stopped being finite. Lower the "
        "learning rate or set `clip_norm`, and look for broken images. What "
        "was saved before is kept. Received: a value that is not finite in "
        f"epoch {epoch + 1}, at {where}"
    )
