"""Measurement: what a sequence has reached after a task."""

import functools
from typing import Any

import keras
import numpy as np

from keras_snow.baselines.graphs import draw_weights
from keras_snow.baselines.graphs import rebuild_network
from keras_snow.callbacks.scoring import score
from keras_snow.core.files import read_json
from keras_snow.core.measures import main_measure
from keras_snow.data.task import Task
from keras_snow.evaluation.answers import answer
from keras_snow.lifelong.learner import Learner
from keras_snow.lifelong.learner import Variables
from keras_snow.lifelong.learner import last_network
from keras_snow.lifelong.options import LifelongOptions
from keras_snow.lifelong.pooled_features import accuracy_before_learning

LOGITS = "logits"


class Measurement:
    """Measures a sequence after each of its tasks.

    Args:
        learner: How the tasks live together; its folder has the runs.
        tasks: The tasks in the order of learning.
        options: Everything else.
        caches: Where each task's decoded images are kept.
    """

    def __init__(
        self,
        learner: Learner,
        tasks: list[Task],
        options: LifelongOptions,
        caches: list[str | None],
    ) -> None:
        self.learner = learner
        self.folder = learner.folder
        self.tasks = tasks
        self.options = options
        self.caches = caches

    def row(self, number: int) -> dict[str, Any]:
        """Measures all tasks learned so far, and the one that comes next.

        Returns:
            `accuracies` of the tasks learned so far; of those before the last,
            whether their answers are `identical` to those of the moment when
            they were learned, the `largest_change` of a logit, and on how many
            images they were `compared`; what the next task reaches `before` it
            is learned, and at the `start` of the sequence; the `cost` of this
            task.
        """
        row: dict[str, Any] = {
            "accuracies": [],
            "identical": [],
            "largest_change": [],
            "compared": [],
        }
        for learned, model in enumerate(self.learner.answerers(number)):
            if learned == number:
                row["accuracies"].append(self._first_answer(model, number))
                continue
            for name, value in self._again(model, learned).items():
                row[name].append(value)
        return row | self._next(number) | {"cost": self._cost(number)}

    def _first_answer(self, model: keras.Model, number: int) -> float:
        logits = self._answer(model, number, self.tasks[number])
        self.folder.keep_arrays("logits", number, {LOGITS: logits})
        self.folder.keep_arrays("answers", number, {LOGITS: logits})
        return self._score(logits, number)

    def _again(self, model: keras.Model, learned: int) -> dict[str, Any]:
        """Compares a task's answers with those of when it was learned."""
        before = self.folder.read_arrays("logits", learned)[LOGITS]
        task = self._some_of(self.tasks[learned])
        now = self._answer(model, learned, task)
        if len(now) < len(before):
            if np.array_equal(now, before[: len(now)]):
                return self._compared(before, before, learned, len(now))
            now = self._answer(model, learned, self.tasks[learned])
        self.folder.keep_arrays("answers", learned, {LOGITS: now})
        return self._compared(now, before, learned, len(now))

    def _compared(
        self, now: np.ndarray, before: np.ndarray, learned: int, count: int
    ) -> dict[str, Any]:
        return {
            "accuracies": self._score(now, learned),
            "identical": bool(np.array_equal(now, before)),
            "largest_change": float(np.abs(now - before).max()),
            "compared": count,
        }

    def _some_of(self, task: Task) -> Task:
        """Returns the task with the test images that are compared."""
        test, most = task.split("test"), self.options.recheck
        if self.learner.shared or most is None or most >= len(test):
            return task
        # Whole batches: the size of a batch may change the last bits.
        size = self.options.training.evaluation_batch_size
        count = min(-(-most // size) * size, len(test))
        few = test.take(np.arange(count))
        return task.with_splits({**task.splits, "test": few})

    def _answer(
        self, model: keras.Model, number: int, task: Task
    ) -> np.ndarray:
        return answer(
            model,
            task,
            "test",
            self.options.image_size,
            self.options.training.evaluation_batch_size,
            cache=self.caches[number],
        )

    def _score(self, logits: np.ndarray, number: int) -> float:
        labels = self.tasks[number].labels("test")
        found = score(logits, labels)
        return float(found[main_measure(found)])

    def _next(self, number: int) -> dict[str, Any]:
        """Returns what the next task reaches before it is learned."""
        if number + 1 == len(self.tasks) or self.options.start == "none":
            return {"before": None, "start": None}
        if self.options.start == "source" and not self.learner.shared:
            # The same frozen network before the sequence and now.
            found = self._without_learning(self.learner.network(number), number)
            return {"before": found, "start": found}
        return {
            "before": self._without_learning(
                self.learner.network(number), number
            ),
            "start": self._without_learning(self._start, number),
        }

    def _without_learning(self, network: keras.Model, number: int) -> float:
        return accuracy_before_learning(
            network,
            self.tasks[number + 1],
            self.options.image_size,
            self.caches[number + 1],
        )

    @functools.cached_property
    def _start(self) -> keras.Model:
        """The network before the first task, or its architecture."""
        source = self.learner.frozen
        if self.options.start == "source":
            return last_network(source)
        network = rebuild_network(source)
        draw_weights(network.layers, self.options.seed)
        return network

    def _cost(self, number: int) -> dict[str, Any]:
        record = read_json(self.folder.task(number).record)
        own = self.learner.own_variables(number)
        common = self.learner.common_variables(number)
        return {
            "trained_parameters": record["parameters"]["trained"],
            "kept_parameters": _count(own),
            "kept_mb": _bytes(own) / 1e6,
            "common_parameters": _count(common),
            "common_mb": _bytes(common) / 1e6,
            "seconds": record["seconds"],
            "images_per_second": record["images_per_second"],
            "best_epoch": record["best_epoch"],
        }


def _count(variables: Variables) -> int:
    return sum(int(np.prod(variable.shape)) for variable in variables)


def _bytes(variables: Variables) -> int:
    sizes = [
        int(np.prod(variable.shape))
        * np.dtype(keras.backend.standardize_dtype(variable.dtype)).itemsize
        for variable in variables
    ]
    return sum(sizes)
