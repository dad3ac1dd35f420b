"""What a run and a trial write for TensorBoard."""

import abc
import contextlib
import importlib.util
import pathlib
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import keras

from keras_snow.callbacks.choices import choices_of
from keras_snow.callbacks.model_state import to_numpy
from keras_snow.callbacks.run_state import RunState
from keras_snow.callbacks.selection_figure import draw_history
from keras_snow.callbacks.selection_recorder import SelectionRecorder
from keras_snow.visualization.canvas import pixels_of

# TensorFlow writes summaries with code that lies in TensorBoard.
NEEDED = ("tensorflow", "tensorboard")
IMAGES = 5  # Of a run: drawing one takes about half a second.


def can_write_summaries() -> bool:
    """Tells whether TensorFlow and TensorBoard are installed."""
    return all(map(importlib.util.find_spec, NEEDED))


class Summaries:
    """Writes summaries into a folder that TensorBoard reads.

    Nothing is written where TensorFlow or TensorBoard is not installed, or from
    the moment on that a file can't be written.

    Args:
        folder: Where TensorBoard will look.
        suffix: Ending of the file's name; writers of a folder need different
            ones.
    """

    def __init__(self, folder: str | pathlib.Path, suffix: str = "") -> None:
        self.folder = pathlib.Path(folder)
        self.suffix = suffix
        self._writer: Any = None
        self._works = can_write_summaries()

    @contextlib.contextmanager
    def opened(self) -> Iterator[Any]:
        """Gives `tf.summary`, or None; what was written is then on disk."""
        if not self._works:
            yield None
            return
        import tensorflow as tf

        try:
            if self._writer is None:
                self._writer = tf.summary.create_file_writer(
                    str(self.folder), filename_suffix=self.suffix
                )
            with self._writer.as_default():
                yield tf.summary
            self._writer.flush()
        except (tf.errors.OpError, OSError):
            self._works = False

    def close(self) -> None:
        """Closes the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def write_hparams(
    folder: pathlib.Path,
    settings: Mapping[str, Any],
    results: Mapping[str, float],
) -> None:
    """Writes a trial for the HParams page, into a folder of its own.

    Examples:
        >>> write_hparams(pathlib.Path("logs/0"), {"k": 8}, {"val_top1": 0.5})
        >>> len(list(pathlib.Path("logs/0").iterdir()))
        1
    """
    if folder.exists():
        return
    summaries = Summaries(folder)
    with summaries.opened() as summary:
        if summary is None:
            return
        from tensorboard.plugins.hparams import api

        api.hparams(dict(settings), trial_id=folder.name)
        for name, value in results.items():
            summary.scalar(name, value, step=1)
    summaries.close()


class TensorBoardCallback(keras.callbacks.Callback, abc.ABC):
    """Writes to TensorBoard after an epoch.

    It does nothing where TensorFlow or TensorBoard is not installed, or once
    the run has a problem. Logs that can't be written don't end a run.

    Args:
        folder: Where TensorBoard will look.
        state: The run's state.
    """

    suffix = ""
    """Ending of the file's name; writers of a folder need different ones."""

    def __init__(self, folder: str | pathlib.Path, state: RunState) -> None:
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.state = state
        self._summaries = Summaries(folder, self.suffix)

    @abc.abstractmethod
    def write(self, summary: Any, done: int, logs: dict[str, Any]) -> None:
        """Writes what there is to tell of an epoch.

        Args:
            summary: `tf.summary`.
            done: Epochs that are over.
            logs: The epoch's numbers.
        """

    def is_due(self, done: int) -> bool:
        """Tells whether there is something to write.

        Args:
            done: Epochs that are over.
        """
        del done
        return True

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Writes, if there is something to write."""
        done = epoch + 1
        if self.state.problem or not self.is_due(done):
            return
        with self._summaries.opened() as summary:
            if summary is not None:
                self.write(summary, done, logs or {})

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the file."""
        self._summaries.close()


class TensorBoardScalars(TensorBoardCallback):
    """Writes an epoch's numbers as TensorBoard scalars.

    Args:
        folder: Where TensorBoard will look.
        state: The run's state.

    Examples:
        >>> TensorBoardScalars("logs", RunState()).folder
        PosixPath('logs')
    """

    def write(self, summary: Any, done: int, logs: dict[str, Any]) -> None:
        """As of `TensorBoardCallback`."""
        for name, value in logs.items():
            summary.scalar(name, float(value), step=done)


class TensorBoardImportances(TensorBoardCallback):
    """Writes a histogram of the importances of each tap after each epoch.

    All begin at 1. Those that a task needs leave the others; while the heap
    around 1 is as narrow as the noise, the choice is still by chance.

    Args:
        folder: Where TensorBoard will look.
        state: The run's state.

    Examples:
        >>> TensorBoardImportances("logs", RunState()).folder
        PosixPath('logs')
    """

    suffix = ".importances"

    def is_due(self, done: int) -> bool:
        """As of `TensorBoardCallback`: if a layer selects channels."""
        del done
        return bool(choices_of(self.model))

    def write(self, summary: Any, done: int, logs: dict[str, Any]) -> None:
        """As of `TensorBoardCallback`."""
        del logs
        for tap, layer in choices_of(self.model).items():
            name = f"importance/{tap}"
            summary.histogram(name, to_numpy(layer.importance), step=done)


class TensorBoardSelections(TensorBoardCallback):
    """Writes the figure of the selections as an image, five times a run.

    Args:
        folder: Where TensorBoard will look.
        state: The run's state.
        recorder: Holds the history; it must be called before.

    Examples:
        >>> state = RunState()
        >>> recorder = SelectionRecorder(None, state, steps=1)
        >>> TensorBoardSelections("logs", state, recorder).folder
        PosixPath('logs')
    """

    suffix = ".selections"

    def __init__(
        self,
        folder: str | pathlib.Path,
        state: RunState,
        recorder: SelectionRecorder,
    ) -> None:
        super().__init__(folder, state)
        self.recorder = recorder

    def is_due(self, done: int) -> bool:
        """As of `TensorBoardCallback`: five times, and after the last epoch."""
        epochs = self.params.get("epochs", done)
        if done != epochs and done % -(-epochs // IMAGES):
            return False
        return bool(self.recorder.history.channels)

    def write(self, summary: Any, done: int, logs: dict[str, Any]) -> None:
        """As of `TensorBoardCallback`: draws and writes the figure."""
        del logs
        pixels = pixels_of(draw_history(self.recorder.history))
        summary.image("selections", pixels[None], step=done)
