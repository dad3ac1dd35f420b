"""ProgressBar: how far a run is, and how long it will take."""

import statistics
import sys
import time
from typing import Any

import keras
import tqdm

from keras_snow.callbacks.divergence_guard import EVERY
from keras_snow.core.progress import LEAST_SECONDS
from keras_snow.core.progress import describe_seconds
from keras_snow.core.progress import is_terminal
from keras_snow.core.progress import say

# An epoch that takes so many times as long as the first step says how long the
# others take.
TRACING = 6
# Quantities of an epoch's logs, by the names that are shown.
SHOWN = {
    "loss": "loss",
    "accuracy": "accuracy",
    "val_loss": "val_loss",
    "val_top1": "val_accuracy",
    "val_map": "val_mAP",
}


class ProgressBar(keras.callbacks.Callback):
    """Shows how far a run is, and how long it will take.

    One bar over the whole run where standard error is a terminal, a line an
    epoch anywhere else. The estimate comes after a few steps.

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
        self._epoch = 0
        self._began = 0.0
        self._warm: float | None = None
        self._tracing = 0.0
        self._estimated = False
        self._seconds: list[float] = []

    def on_epoch_begin(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Opens the bar where the run begins or goes on."""
        self._epoch = epoch
        if self._bar is None and not self._seconds and is_terminal():
            self._bar = tqdm.tqdm(
                total=self.epochs * self.steps,
                initial=epoch * self.steps,
                unit="step",
                file=sys.stderr,
                dynamic_ncols=True,
                smoothing=0.05,
            )
        self._began = time.perf_counter()
        if self._bar is not None:
            self._bar.set_description(f"epoch {epoch + 1}/{self.epochs}", False)

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Moves on by a step."""
        now = time.perf_counter()
        if self._warm is None:
            self._warm, self._tracing = now, now - self._began
            seconds = describe_seconds(self._tracing)
            say(f"first step: {seconds}, mostly tracing and compiling")
        elif not (self._estimated or self._seconds):
            self._estimate(batch, now - self._warm)
        if self._bar is None:
            return
        if (batch + 1) % EVERY == 0 and logs and "loss" in logs:
            self._shown["loss"] = f"{float(logs['loss']):.3f}"
            self._bar.set_postfix(self._shown, refresh=False)
        self._bar.update()

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Shows how the epoch went."""
        for name, word in SHOWN.items():
            if logs and name in logs:
                self._shown[word] = f"{float(logs[name]):.3f}"
        seconds = time.perf_counter() - self._began
        self._seconds.append(seconds)
        if self._bar is not None:
            self._bar.set_postfix(self._shown)
        else:
            self._write_line(epoch, seconds)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the bar."""
        self.close()

    def close(self) -> None:
        """Closes the bar; an exception in `fit` skips `on_train_end`."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _estimate(self, steps: int, seconds: float) -> None:
        """Says once how long the run will take, from the first warm steps."""
        if seconds < LEAST_SECONDS or steps == self.steps - 1:
            return
        self._estimated = True
        epoch, left = seconds / steps * self.steps, self.epochs - self._epoch
        say(
            f"estimate: {describe_seconds(epoch)} an epoch, about "
            f"{describe_seconds(epoch * left)} for {left} epochs of "
            f"{self.steps} steps, without validation"
        )

    def _write_line(self, epoch: int, seconds: float) -> None:
        parts = [f"{word} {value}" for word, value in self._shown.items()]
        parts.append(describe_seconds(seconds))
        if left := self.epochs - epoch - 1:
            # A process' first epoch traces training and validation, too.
            usual = self._seconds[1:]
            if seconds > TRACING * self._tracing:
                usual = usual or self._seconds
            if usual:
                seconds_left = left * statistics.median(usual)
                parts.append(f"about {describe_seconds(seconds_left)} left")
        say(f"epoch {epoch + 1}/{self.epochs}: {', '.join(parts)}")
