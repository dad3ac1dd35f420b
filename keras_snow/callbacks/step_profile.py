"""StepProfile: a profile of chosen steps for TensorBoard's profile plugin."""

import pathlib
from typing import Any

import keras

from keras_snow.core.checks import check_count
from keras_snow.core.progress import say


class StepProfile(keras.callbacks.Callback):
    """Records what the devices and the host do in some steps.

    Steps are counted from 1 in this process; the first traces and compiles, so
    begin behind it. Each is marked as a step, which Keras' own TensorBoard
    callback leaves out: without the mark the plugin knows no step times. To
    look at the profile, install the extra `profile` and start TensorBoard.

    Args:
        folder: Where TensorBoard will look.
        first: The first step to record.
        last: The last step to record.

    Raises:
        ValueError: If `first` is not positive or behind `last`.

    Examples:
        >>> StepProfile("logs", first=3, last=5).last
        5
    """

    def __init__(
        self, folder: str | pathlib.Path, first: int, last: int
    ) -> None:
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.first = check_count("first", first)
        self.last = check_count("last", last)
        if last < first:
            raise ValueError(
                "The last step to profile is before the first. "
                f"Received: first={first}, last={last}"
            )
        self._profiler = _profiler()
        self._step = 0
        self._runs = False
        self._mark: Any = None

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Starts the profile, and marks the step's beginning."""
        self._step += 1
        if self._step == self.first:
            self._profiler.start(str(self.folder))
            self._runs = True
        if self._runs:
            self._mark = self._profiler.mark(self._step)
            self._mark.__enter__()

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Marks the step's end, and writes the profile behind the last."""
        if not self._runs:
            return
        # Steps that run ahead of the host end when their loss is known.
        float((logs or {}).get("loss", 0.0))
        self._leave_step()
        if self._step == self.last:
            self.close()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Writes the profile of a run that had fewer steps."""
        if self._step < self.first:
            say(
                f"No profile was written: the run ended after {self._step} "
                f"steps, before step {self.first}."
            )
        self.close()

    def close(self) -> None:
        """Writes the profile; an exception in `fit` skips `on_train_end`.

        A process has one profiler: left running, it could not start again.
        """
        if not self._runs:
            return
        self._runs = False
        self._leave_step()
        self._profiler.stop()

    def _leave_step(self) -> None:
        if self._mark is not None:
            self._mark.__exit__(None, None, None)
            self._mark = None


class _TensorFlowProfiler:
    """TensorFlow's profiler."""

    def start(self, folder: str) -> None:
        import tensorflow as tf

        tf.profiler.experimental.start(folder)

    def mark(self, step: int) -> Any:
        import tensorflow as tf

        return tf.profiler.experimental.Trace("train", step_num=step, _r=1)

    def stop(self) -> None:
        import tensorflow as tf

        tf.profiler.experimental.stop()


class _JaxProfiler:
    """JAX's profiler."""

    def start(self, folder: str) -> None:
        import jax

        jax.profiler.start_trace(folder)

    def mark(self, step: int) -> Any:
        import jax

        return jax.profiler.StepTraceAnnotation("train", step_num=step)

    def stop(self) -> None:
        import jax

        jax.profiler.stop_trace()


def _profiler() -> Any:
    if keras.backend.backend() == "jax":
        return _JaxProfiler()
    return _TensorFlowProfiler()
