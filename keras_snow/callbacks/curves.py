"""Curves: keeps an epoch's numbers and knows the best epoch."""

import math
import time
from typing import Any

import keras

from keras_snow.callbacks.model_state import to_numpy
from keras_snow.callbacks.run_state import RunState
from keras_snow.core.measures import main_measure


class Curves(keras.callbacks.Callback):
    """Moves an epoch's logs to the run's state and judges the epoch.

    The best epoch has the highest validation top-1 (mAP, where images have
    several classes), among equals the lowest validation loss. Without
    validation it is the last. None is worse, in top-1 or in loss, than what a
    run with a solved head began with.

    Args:
        state: The run's state.

    Examples:
        >>> Curves(RunState()).state.curves
        {}
    """

    def __init__(self, state: RunState, keep: str = "best") -> None:
        super().__init__()
        self.state = state
        self.keep = keep

    def on_epoch_begin(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Starts the clock."""
        self._began = time.perf_counter()

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Keeps the epoch's numbers, unless the run diverged."""
        if logs is None or self.state.problem:
            return
        seconds = time.perf_counter() - self._began
        logs["epoch_seconds"] = seconds
        logs["learning_rate"] = float(
            to_numpy(self.model.optimizer.learning_rate)
        )
        state = self.state
        state.seconds += seconds
        self._append({"epoch": epoch + 1, **logs})
        state.epochs_done = epoch + 1
        if self._is_best(logs):
            state.best_epoch = epoch + 1
            state.best = {
                name: float(logs[name])
                for name in logs
                if name.startswith("val_")
            }

    def _append(self, logs):
        curves = self.state.curves
        for name in {**curves, **logs}:
            values = curves.setdefault(name, [])
            # An epoch may lack a number, its first one the times of a step.
            values.extend([None] * (self.state.epochs_done - len(values)))
            values.append(plain(logs.get(name)))

    def _is_best(self, logs):
        state = self.state
        if f"val_{main_measure(logs)}" not in logs:
            return True
        # Of few images the loss says more than how many are right.
        if state.start and any(
            mine < least
            for mine, least in zip(_rank(logs), _rank(state.start), strict=True)
        ):
            return False
        return (
            self.keep == "last"
            or not state.best
            or _rank(logs) > _rank(state.best)
        )


def _rank(scores):
    """Returns what the better of two states has more of."""
    return scores[f"val_{main_measure(scores)}"], -scores["val_loss"]


def plain(value: Any) -> float | int | None:
    """Returns a number that JSON can hold; None for one that is not finite."""
    if value is None or isinstance(value, int):
        return value
    value = float(value)
    return value if math.isfinite(value) else None
