"""InputWait: the share of an epoch that is spent waiting for images."""

import time
from collections.abc import MutableMapping
from typing import Any

import keras


class InputWait(keras.callbacks.Callback):
    """Adds `input_wait_share` to an epoch's logs, from 0 to 1.

    A step waits from the end of the step before until its batch has been read.
    Where steps run ahead of the host (a GPU, JAX) a step "ends" for the host
    before the device has finished, and the share is an upper bound. A process'
    first step, which traces and compiles, does not count.

    Args:
        ready: When each batch had been read, in seconds of
            `time.perf_counter`, by its number in this process; what
            `Batches.ready` holds. Entries are taken out when they were used.

    Examples:
        >>> InputWait({}).ready
        {}
    """

    def __init__(self, ready: MutableMapping[int, float]) -> None:
        super().__init__()
        self.ready = ready
        self._step = 0

    def on_epoch_begin(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Starts the clock."""
        self._began = self._free = time.perf_counter()
        self._waited: list[float] = []

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Counts what the step has waited."""
        now = time.perf_counter()
        ready = self.ready.pop(self._step, None)
        if self._step == 0:
            self._began = now
        elif ready is not None:
            self._waited.append(max(0.0, ready - self._free))
        self._free = now
        self._step += 1

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Adds the share to the logs."""
        seconds = self._free - self._began
        if logs is not None and self._waited and seconds > 0:
            logs["input_wait_share"] = min(1.0, sum(self._waited) / seconds)
