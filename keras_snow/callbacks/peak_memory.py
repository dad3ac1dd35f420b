"""PeakMemory: the most memory taken so far, epoch by epoch."""

from typing import Any

import keras

from keras_snow.callbacks.memory import peak_memory


class PeakMemory(keras.callbacks.Callback):
    """Adds `peak_memory_mb` to an epoch's logs, in megabytes (1e6 bytes).

    What is measured is `peak_memory`'s: a GPU's allocator, or the resident
    size of the process. Where the system does not tell, nothing is added.

    Examples:
        >>> logs = {}
        >>> PeakMemory().on_epoch_end(0, logs)
        >>> sorted(logs)
        ['peak_memory_mb']
    """

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Adds the peak to the logs."""
        peak = peak_memory()["bytes"]
        if logs is not None and peak is not None:
            logs["peak_memory_mb"] = peak / 1e6
