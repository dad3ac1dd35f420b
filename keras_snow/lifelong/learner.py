"""Learner: how the tasks of a sequence live together."""

import abc
import functools
from collections.abc import Iterator
from typing import Any

import keras

from keras_snow.baselines import build_method
from keras_snow.lifelong.sequence_folder import SequenceFolder
from keras_snow.lifelong.source_choice import SourceChoice
from keras_snow.sources.source import Source
from keras_snow.training.saved_run import load_run

Variables = list[keras.Variable]


class Learner(abc.ABC):
    """How the tasks of a sequence live together: what they share, what not.

    Models are read from the folder, so that a sequence that was interrupted is
    measured as one that was not.

    Args:
        method: Name of the method that learns a single task.
        source: What the sequence starts from.
        folder: Where the tasks' runs are.
        settings: What the method's builder is told.
    """

    shared = False
    """Whether learning a task changes what answers the tasks before."""

    def __init__(
        self,
        method: str,
        source: SourceChoice,
        folder: SequenceFolder,
        settings: dict[str, Any],
    ) -> None:
        self.method = method
        self.source = source
        self.folder = folder
        self.settings = settings
        self._loaded: dict[int, keras.Model] = {}

    @functools.cached_property
    def frozen(self) -> Source:
        """The source as it is without any task."""
        return self.source.load()

    @abc.abstractmethod
    def build(self, number: int, num_classes: int) -> keras.Model:
        """Returns the model that is to learn a task."""

    @abc.abstractmethod
    def answerers(self, number: int) -> Iterator[keras.Model]:
        """Yields the models that answer the tasks learned so far, in order."""

    @abc.abstractmethod
    def network(self, number: int) -> keras.Model:
        """Returns the network whose features the next task would meet."""

    @abc.abstractmethod
    def own_variables(self, number: int) -> Variables:
        """Returns what is kept for a task and for no other."""

    @abc.abstractmethod
    def common_variables(self, number: int) -> Variables:
        """Returns what is kept once for all tasks."""

    def keep(self, number: int) -> None:
        """Keeps what later tasks would overwrite."""
        del number  # Nothing is overwritten.

    def drop(self, number: int) -> None:
        """Removes what is no longer needed once a later task is learned."""
        del number  # All is needed.

    def load(self, number: int) -> keras.Model:
        """Returns the model that learned a task, as it was then."""
        if number not in self._loaded:
            folder = self.folder.task(number).path
            model, _ = load_run(folder, source=self.frozen)
            self._loaded = {number: model}
        return self._loaded[number]

    def release(self) -> None:
        """Lets go of the model that was loaded last."""
        self._loaded = {}

    def start(self, num_classes: int, **options: Any) -> keras.Model:
        """Returns a model of the method that starts from the source."""
        # A source of its own: variables belong to the strategy's scope.
        return build_method(
            self.method,
            self.source.load(),
            num_classes,
            **self.settings,
            **options,
        )


def last_network(source: Source) -> keras.Model:
    """Returns a source's network up to its last tap."""
    return source.select([source.taps[-1].name]).network
