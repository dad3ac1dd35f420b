"""Member: one setting's run within a sweep."""

from typing import Any

import keras
import numpy as np

from keras_snow.callbacks import Checkpoints
from keras_snow.callbacks import UnreadLogs
from keras_snow.callbacks import Validation
from keras_snow.callbacks.scoring import score
from keras_snow.models.shared_pass import split_at_source
from keras_snow.training.feed import ImageFeed
from keras_snow.training.record import extend_record
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.session import Session


class Member(Session):
    """One setting's run within a sweep.

    It is watched and saved as `train` watches and saves a run alone; what the
    source is needed for (steps, validation, test) is done for all together.

    Args:
        *args: Of `Session`.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.delta: keras.Model = split_at_source(self.model)[1]
        self.folder: RunFolder | None = None
        # Logits of a split, set before anybody asks for them.
        self.logits: dict[str, np.ndarray] = {}

    def begin(self, statistics: dict[str, np.ndarray]) -> None:
        """Compiles the delta and goes back to where the run stopped."""
        self.model.adapt(statistics)
        feed = self._feed()
        self._prepare(feed)
        self.checkpoints: Checkpoints = self._restore(feed, self.folder)

    def watch(self, steps: int) -> UnreadLogs:
        """Returns what watches the run."""
        feed = self._feed()
        callbacks = self._callbacks(feed, steps, self.checkpoints, self.folder)
        return UnreadLogs(
            callbacks,
            model=self.delta,
            epochs=self.recipe.epochs,
            steps=steps,
            verbose=0,
        )

    @property
    def is_running(self) -> bool:
        """Whether there are epochs left to train."""
        return not self.is_over and not self.state.problem

    def end(self) -> dict[str, Any]:
        """Saves model and record, and returns the record."""
        if self.state.problem:
            self._write_record(self.folder)
            return extend_record(self.record, self.state)
        return self._finish(self.folder)

    def _feed(self) -> ImageFeed:
        """As of a run on kept maps: the delta alone is fitted."""
        feed = _MapsFeed(*self._feed_arguments())
        feed.model = self.delta
        return feed

    def _clocks(self) -> list[keras.callbacks.Callback]:
        """A step of all tells nothing about one."""
        return []

    def _scorers(self, feed: ImageFeed) -> list[keras.callbacks.Callback]:
        if not len(self.task.splits.get("validation", ())):
            return []
        labels = self.task.labels("validation")
        return [_KnownLogits(self.logits, labels, self.state)]

    def _score(self) -> dict[str, Any]:
        return {
            split: score(self.logits[split], self.task.labels(split))
            for split in ("validation", "test")
            if split in self.logits
        }


class _MapsFeed(ImageFeed):
    """Of a delta whose maps come from a pass that serves all."""

    def calibrate(self) -> None:
        """Leaves it to `Member.begin`, which is given what was measured."""


class _KnownLogits(Validation):
    """Scores logits that were predicted for all members at once."""

    def predict(self) -> np.ndarray:
        logits: np.ndarray = self.data["validation"]
        return logits
