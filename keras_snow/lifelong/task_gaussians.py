"""TaskGaussians: classes of tasks as normal distributions of one covariance."""

import copy
import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_snow.lifelong.task_choice import TaskChoice
from keras_snow.metrics.class_moments import ClassMoments
from keras_snow.metrics.distances import calibrate_threshold
from keras_snow.metrics.distances import squared_distances
from keras_snow.metrics.shrinkage import check_shrinkage
from keras_snow.metrics.shrinkage import shrink_covariance

Arrays = dict[str, Any]


class TaskGaussians:
    """Tells tasks apart by the Mahalanobis distance from class means.

    Every class of every task has its mean, and all have the same covariance:
    the scatter within classes, all tasks together.

    Args:
        num_features: Number of features.
        shrinkage: Share of the identity in the covariance, from 0 to 1; by the
            number of examples if None.

    Examples:
        >>> low = ClassMoments(1, 1)
        >>> low.update([[0.0], [2.0]], [0, 0])
        >>> high = ClassMoments(1, 1)
        >>> high.update([[8.0], [10.0]], [0, 0])
        >>> gaussians = TaskGaussians(num_features=1)
        >>> gaussians.add("low", low)
        >>> gaussians.add("high", high)
        >>> gaussians.choose(np.array([[1.5], [9.0]]))
        ['low', 'high']
    """

    def __init__(
        self, num_features: int, shrinkage: float | None = None
    ) -> None:
        self.shrinkage = check_shrinkage(shrinkage)
        self.thresholds: dict[str, float] = {}
        self._means: dict[str, np.ndarray] = {}
        self._count = 0
        self._scatter = np.zeros((num_features, num_features))

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that are known, in the order in which they came."""
        return tuple(self._means)

    @property
    def num_features(self) -> int:
        """Number of features."""
        return len(self._scatter)

    @property
    def chosen_shrinkage(self) -> float:
        """Share of the identity in the covariance."""
        return self._whitening_and_share[1]

    def check_free(self, name: str) -> None:
        """Looks whether a task can be added."""
        if name in self._means:
            raise ValueError(
                f"A task of this name is known. Received: task={name!r}"
            )

    def add(self, name: str, moments: ClassMoments) -> None:
        """Adds a task; all thresholds are forgotten with the old covariance."""
        self.check_free(name)
        self._scatter = self._scatter + moments.scatter
        self._count += int(moments.counts.sum()) - len(moments.counts)
        self._means[name] = moments.means
        self.thresholds = {}
        self.__dict__.pop("_whitening_and_share", None)

    def copy(self) -> "TaskGaussians":
        """Returns one that knows the same, and learns apart."""
        other = copy.copy(self)
        other._means = dict(self._means)
        other.thresholds = dict(self.thresholds)
        return other

    def calibrate(
        self, features: Mapping[str, np.ndarray], level: float
    ) -> None:
        """Chooses beyond which distance an example belongs to no task.

        Args:
            features: By task, of examples that were not learned.
            level: Share of a task's examples to accept.
        """
        if sorted(features) != sorted(self.tasks):
            raise ValueError(
                "All tasks that are known are calibrated together. Received: "
                f"tasks={sorted(features)}, known: {sorted(self.tasks)}"
            )
        found = {name: self.distances(features[name]) for name in self.tasks}
        self.thresholds = {
            name: calibrate_threshold(found[name][name], level)
            for name in self.tasks
        }

    def distances(self, features: np.ndarray) -> dict[str, np.ndarray]:
        """Returns the squared distances from the nearest class of each task.

        Args:
            features: `(examples, features)`.

        Returns:
            By task, `(examples,)`.
        """
        if not self._means:
            raise ValueError(
                "No task is known yet. Let the router learn some: "
                "`router.fit(tasks)`. Received: tasks=()"
            )
        whitening, _ = self._whitening_and_share
        white = features @ whitening
        return {
            name: squared_distances(means @ whitening, white).min(axis=1)
            for name, means in self._means.items()
        }

    def choices(self, features: np.ndarray) -> list[TaskChoice]:
        """Returns the nearest task of each example, and how near it is.

        Without thresholds every example belongs to some task.

        Args:
            features: `(examples, features)`.
        """
        table = np.stack(list(self.distances(features).values()))
        chosen = []
        for column, row in enumerate(table.argmin(axis=0)):
            name = self.tasks[row]
            limit = self.thresholds.get(name, math.inf)
            chosen.append(TaskChoice(name, float(table[row, column]), limit))
        return chosen

    def choose(self, features: np.ndarray) -> list[str | None]:
        """Returns the task of each example, None if it is of none.

        Args:
            features: `(examples, features)`.
        """
        return [each.task for each in self.choices(features)]

    def to_arrays(self) -> Arrays:
        """Returns all of it as arrays by name."""
        limits = [self.thresholds.get(name, np.inf) for name in self.tasks]
        share = np.nan if self.shrinkage is None else self.shrinkage
        arrays: Arrays = {
            f"means{number}": means
            for number, means in enumerate(self._means.values())
        }
        return arrays | {
            "names": np.array(self.tasks, dtype=str),
            "thresholds": np.array(limits),
            # The other half of it is the same.
            "scatter": self._scatter[np.triu_indices(self.num_features)],
            "count": self._count,
            "shrinkage": share,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, np.ndarray], num_features: int
    ) -> "TaskGaussians":
        """Makes one from what `to_arrays` returned.

        Args:
            arrays: Values by name.
            num_features: Number of features.
        """
        share = float(arrays["shrinkage"])
        made = cls(num_features, None if np.isnan(share) else share)
        made._scatter[np.triu_indices(num_features)] = arrays["scatter"]
        made._scatter += np.triu(made._scatter, 1).T
        made._count = int(arrays["count"])
        for number, name in enumerate(arrays["names"].tolist()):
            made._means[name] = arrays[f"means{number}"]
            limit = float(arrays["thresholds"][number])
            if np.isfinite(limit):
                made.thresholds[name] = limit
        return made

    @functools.cached_property
    def _whitening_and_share(self) -> tuple[np.ndarray, float]:
        """What makes a Mahalanobis distance a Euclidean one."""
        degrees = self._count
        if degrees < 1 or not np.trace(self._scatter) > 0.0:
            raise ValueError(
                "Two different images of a class are needed to tell how much "
                f"a class varies. Received: tasks={self.tasks}"
            )
        shrunk, share = shrink_covariance(
            self._scatter / degrees, degrees, self.shrinkage
        )
        try:
            return np.linalg.cholesky(np.linalg.inv(shrunk)), share
        except np.linalg.LinAlgError as error:
            raise ValueError(
                "The covariance has no inverse: there are fewer images than "
                "features. Raise `shrinkage`, or leave it out. Received: "
                f"shrinkage={self.shrinkage}, {degrees} images more than "
                f"classes, {self.num_features} features"
            ) from error
