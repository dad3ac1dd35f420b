"""ProgressBar: one bar over the whole run, with the time that is left."""

import sys
import time
from typing import Any

import keras
import tqdm

from keras_snow.callbacks.divergence_guard import EVERY


class ProgressBar(keras.callbacks.Callback):
    """Shows one bar over the whole run, with the time that is left.

    Args:
        epochs: Epochs of the run.
        steps: Steps of an epoch.

    Examples:
        >>> ProgressBar(epochs=3, steps=10).steps
        10
    """

    def __init__(self, epochs: int, steps: int) -> None:
        super().__init__()
        self.epochs = epochs
        self.steps = steps
        self._bar: Any = None
        self._shown: dict[str, str] = {}
        self._began: float | None = None

    def on_epoch_begin(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Opens the bar where the run begins or goes on."""
        if self._bar is None:
            self._bar = tqdm.tqdm(
                total=self.epochs * self.steps,
                initial=epoch * self.steps,
                unit="step",
                file=sys.stderr,
                dynamic_ncols=True,
                smoothing=0.05,
            )
            self._began = time.perf_counter()
        self._bar.set_description(f"epoch {epoch + 1}/{self.epochs}", False)

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Moves on by a step."""
        if self._began is not None:
            seconds, self._began = time.perf_counter() - self._began, None
            self._bar.write(
                f"first step: {seconds:.1f} s, mostly tracing and compiling",
                file=sys.stderr,
            )
        if (batch + 1) % EVERY == 0 and logs and "loss" in logs:
            self._shown["loss"] = f"{float(logs['loss']):.3f}"
            self._bar.set_postfix(self._shown, refresh=False)
        self._bar.update()

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Shows how the epoch went."""
        for name, word in (("loss", "loss"), ("val_top1", "val")):
            if logs and name in logs:
                self._shown[word] = f"{float(logs[name]):.3f}"
        self._bar.set_postfix(self._shown)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the bar."""
        self.close()

    def close(self) -> None:
        """Closes the bar; an exception in `fit` skips `on_train_end`."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
