"""UnreadLogs: callbacks that are handed a step's numbers where they lie."""

from typing import Any

import keras


class UnreadLogs(keras.callbacks.CallbackList):
    """Hands a step's numbers to callbacks without reading them.

    Keras' own list turns the loss and each metric into Python numbers after
    every step, which waits for the device every time. Here a callback gets them
    as the backend's scalars and reads those that it needs, when it needs them.
    It is made as `keras.callbacks.CallbackList` is, and `fit` takes it.

    Examples:
        >>> UnreadLogs([], add_history=True).callbacks
        [<keras...History object at ...>]
    """

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Hands on what the step returned.

        Args:
            batch: Number of the step in its epoch.
            logs: Scalars of the backend, maybe still being computed.
        """
        for callback in self.callbacks:
            callback.on_train_batch_end(batch, logs=logs)
