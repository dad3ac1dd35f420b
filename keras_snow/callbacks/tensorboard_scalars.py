"""TensorBoardScalars: an epoch's numbers for TensorBoard."""

from typing import Any

from keras_snow.callbacks.tensorboard_callback import TensorBoardCallback


class TensorBoardScalars(TensorBoardCallback):
    """Writes an epoch's numbers as TensorBoard scalars.

    It does nothing where TensorFlow or TensorBoard is not installed. Logs
    that can't be written don't end a run.

    Args:
        folder: Where TensorBoard will look.
        state: The run's state.

    Examples:
        >>> from keras_snow.callbacks import RunState
        >>> TensorBoardScalars("logs", RunState()).folder
        PosixPath('logs')
    """

    def write(self, summary: Any, done: int, logs: dict[str, Any]) -> None:
        """As of `TensorBoardCallback`."""
        for name, value in logs.items():
            summary.scalar(name, float(value), step=done)
