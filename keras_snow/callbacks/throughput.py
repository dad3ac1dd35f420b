"""Throughput: images a second and times of a step."""

import time
from typing import Any

import keras
import numpy as np

from keras_snow.callbacks.divergence_guard import EVERY


class Throughput(keras.callbacks.Callback):
    """Adds images a second and the times of a step to an epoch's logs.

    `images_per_second` is the median over the epoch's steps, `step_ms_p50` and
    `step_ms_p95` are milliseconds. Where steps run ahead of the host (a GPU,
    JAX) they are timed in windows of 20, each ended by a wait for the device,
    and the last by the end of the epoch; a window's mean counts once for each
    of its steps. A process' first step, which traces and compiles, is
    `first_step_seconds` and does not count.

    Args:
        batch_size: Images a step.
        waits: Whether a step has ended when its callback is called, as
            TensorFlow's does on a CPU.

    Examples:
        >>> Throughput(batch_size=32).batch_size
        32
    """

    def __init__(self, batch_size: int, waits: bool = True) -> None:
        super().__init__()
        self.batch_size = batch_size
        self.waits = waits
        self._warm = False
        self._first: float | None = None

    def on_epoch_begin(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Starts the clocks."""
        self._times: list[float] = []
        self._began = time.perf_counter()
        self._done = 0
        self._mark = (0, self._began)

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Takes the time of a step, or of a window of steps."""
        self._done = batch + 1
        if self.waits or not self._warm or self._done % EVERY == 0:
            self._close_window(logs)

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Adds what was measured to the logs."""
        if self._done > self._mark[0]:
            self._close_window(logs)
        if logs is not None and self._first is not None:
            logs["first_step_seconds"], self._first = self._first, None
        if logs is None or not self._times:
            return
        median, slow = np.percentile(self._times, [50, 95])
        logs["images_per_second"] = self.batch_size / float(median)
        logs["step_ms_p50"] = 1000 * float(median)
        logs["step_ms_p95"] = 1000 * float(slow)

    def _close_window(self, logs: dict[str, Any] | None) -> None:
        if not self.waits:
            # Steps that run ahead of the host end when their loss is known.
            float((logs or {}).get("loss", 0.0))
        now = time.perf_counter()
        steps, since = self._done - self._mark[0], now - self._mark[1]
        if self._warm:
            self._times += [since / steps] * steps
        else:
            self._first = since
        self._warm = True
        self._mark = (self._done, now)
