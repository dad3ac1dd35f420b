"""TaskRouter: which task does an image belong to when nobody says."""

import functools
import pathlib
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.core.archive import load_arrays
from keras_snow.core.checks import check_count
from keras_snow.core.files import PathLike
from keras_snow.core.files import replace_atomically
from keras_snow.core.registry import nearest_names
from keras_snow.data.cache import CacheChoice
from keras_snow.data.task import Task
from keras_snow.lifelong.learner import last_network
from keras_snow.lifelong.pooled_features import pooled_batches
from keras_snow.lifelong.pooled_features import pooling_model
from keras_snow.lifelong.pooled_features import to_unit_length
from keras_snow.lifelong.task_choice import TaskChoice
from keras_snow.lifelong.task_gaussians import TaskGaussians
from keras_snow.metrics.class_moments import ClassMoments
from keras_snow.metrics.distances import check_level
from keras_snow.serving.admission import pixels_of
from keras_snow.sources.source import Source

FORMAT = 1
LEVEL = 0.95


class TaskRouter:
    """Tells which task an image belongs to, by the source's pooled features.

    Every class of every task is a normal distribution around its mean, all with
    the same covariance; an image belongs to the task of the class whose mean is
    the nearest in Mahalanobis distance. It is none of the tasks if that
    distance exceeds the task's threshold. Nothing is trained: one pass over the
    training images gives means and covariance, the validation images give the
    thresholds, and no image or feature is kept.

    Reference:
        [Lee et al., 2018](https://arxiv.org/abs/1807.03888), on features of
        length 1 and with the covariance of
        [Chen et al., 2010](https://arxiv.org/abs/0907.4698).

    Args:
        source: The source; the mean of each map of its last tap is read.
        image_size: Pixels of a side at which tasks are read.
        shrinkage: Share of the identity in the covariance, from 0 to 1; by the
            number of images if None.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(8, 3, 2, name="maps")(image)
        >>> router = TaskRouter(Source(keras.Model(image, maps)), image_size=16)
        >>> draw = np.random.default_rng(0)
        >>> dark = draw.integers(0, 99, (60, 1, 1, 3), "uint8")
        >>> dark = dark.repeat(16, axis=1).repeat(16, axis=2)
        >>> blue = dark + np.array([0, 0, 150], "uint8")
        >>> router.fit([
        ...     Task.from_arrays(dark, [0, 1] * 30, name="dark"),
        ...     Task.from_arrays(blue, [0, 1] * 30, name="blue"),
        ... ])
        >>> router.route(blue[:1])
        ['blue']
    """

    def __init__(
        self,
        source: Source,
        image_size: int = 224,
        shrinkage: float | None = None,
    ) -> None:
        self.source = source
        self.tap = source.taps[-1].name
        self.image_size = check_count("image_size", image_size)
        self.gaussians = TaskGaussians(source.taps[-1].channels, shrinkage)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that it knows, in the order in which they came."""
        return self.gaussians.tasks

    @property
    def thresholds(self) -> dict[str, float]:
        """The largest squared distance at which each task takes an image."""
        return dict(self.gaussians.thresholds)

    def fit(
        self,
        tasks: Sequence[Task],
        level: float = LEVEL,
        cache: CacheChoice = None,
    ) -> None:
        """Learns tasks, and calibrates when an image is none of them.

        Args:
            tasks: Tasks with training and validation images.
            level: Share of the images of a task to accept.
            cache: As of `evaluation_batches`.

        Raises:
            ValueError: If a task is known already or lacks images, or `level`
                is out of range. The router is then as it was before.
        """
        check_validation(tasks)
        check_level(level)
        for task in tasks:
            self.gaussians.check_free(task.name)
        if self.tasks:
            raise ValueError(
                "Thresholds are chosen for all tasks at once. Let the router "
                "`learn` the new ones, then `calibrate` it with all. Received: "
                f"tasks={[task.name for task in tasks]}, known: "
                f"{list(self.tasks)}"
            )
        before = self.gaussians
        self.gaussians = before.copy()
        try:
            for task in tasks:
                self.learn(task, cache)
            self.calibrate(tasks, level, cache)
        except BaseException:
            self.gaussians = before
            raise

    def learn(self, task: Task, cache: CacheChoice = None) -> ClassMoments:
        """Learns a task in one pass over its training images.

        All thresholds are forgotten, as the covariance has changed; until
        `calibrate` every image belongs to some task.

        Args:
            task: The task.
            cache: As of `evaluation_batches`.

        Returns:
            What was gathered of it.

        Raises:
            ValueError: If a task of this name is known.
        """
        self.gaussians.check_free(task.name)
        moments = ClassMoments(task.num_classes, self.gaussians.num_features)
        for features, labels in self.features(task, "train", cache):
            moments.update(features, labels)
        self.gaussians.add(task.name, moments)
        return moments

    def calibrate(
        self,
        tasks: Sequence[Task],
        level: float = LEVEL,
        cache: CacheChoice = None,
    ) -> None:
        """Chooses the thresholds on the validation images of all its tasks.

        Args:
            tasks: The tasks that it knows, with validation images.
            level: Share of the images of a task to accept.
            cache: As of `evaluation_batches`.

        Raises:
            ValueError: If a task is missing or has no validation images, or
                `level` is out of range.
        """
        check_validation(tasks)
        found = {}
        for task in tasks:
            parts = self.features(task, "validation", cache)
            found[task.name] = np.concatenate([x for x, _ in parts])
        self.gaussians.calibrate(found, level)

    def features(
        self, task: Task, split: str, cache: CacheChoice = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields what the router sees of a split, a batch at a time.

        Args:
            task: The task.
            split: Its split.
            cache: As of `evaluation_batches`.

        Yields:
            Features of length 1, `(batch, channels)`, and class numbers.
        """
        for features, labels in pooled_batches(
            self._pooling, task, split, self.image_size, cache
        ):
            yield to_unit_length(features), labels

    def route(self, images: Any) -> list[str | None]:
        """Returns the task of each image, None if it belongs to none.

        Args:
            images: Raw RGB, `(batch, height, width, 3)`, values 0 to 255, of
                the size that tasks were read at.

        Raises:
            ValueError: If an image is no raw RGB, or no task is known.
        """
        return [each.task for each in self.choices(images)]

    def choices(self, images: Any) -> list[TaskChoice]:
        """Returns the nearest task of each image, and how near it is.

        Args:
            images: As of `route`.

        Raises:
            ValueError: As of `route`.
        """
        pooled = self._pooling(pixels_of(images), training=False)
        return self._choose(pooled)

    def choices_of_maps(self, maps: Mapping[str, Any]) -> list[TaskChoice]:
        """As `choices`, by maps of a pass that others share.

        Args:
            maps: What a source with this router's tap returned.
        """
        return self._choose(ops.mean(maps[self.tap], axis=(1, 2)))

    def check_source(self, source: Source) -> None:
        """Looks whether a source gives the features that were learned.

        Args:
            source: With the router's tap.

        Raises:
            ValueError: If it is another one, or lacks the tap.
        """
        cut = _cut(source, self.tap)
        _check_fingerprint(cut.fingerprint, self._fingerprint)

    def save(self, path: PathLike) -> None:
        """Writes means, covariance and thresholds, whole or not at all.

        Args:
            path: An `.npz` file.

        Raises:
            OSError: If it can't be written.
        """
        with replace_atomically(path) as temporary:
            np.savez(
                temporary,
                allow_pickle=False,
                format=FORMAT,
                image_size=self.image_size,
                tap=self.tap,
                source=self._fingerprint,
                **self.gaussians.to_arrays(),
            )

    @classmethod
    def load(cls, path: PathLike, source: Source) -> "TaskRouter":
        """Reads what `save` wrote.

        Args:
            path: The file.
            source: The source that it was made with.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is damaged, or made with another source.
        """
        arrays = _read(pathlib.Path(path))
        cut = _cut(source, str(arrays["tap"]))
        _check_fingerprint(cut.fingerprint, str(arrays["source"]))
        router = cls(cut, int(arrays["image_size"]))
        size = router.gaussians.num_features
        router.gaussians = TaskGaussians.from_arrays(arrays, size)
        return router

    @functools.cached_property
    def _pooling(self) -> keras.Model:
        return pooling_model(last_network(self.source))

    @property
    def _fingerprint(self) -> str:
        return self.source.select([self.tap]).fingerprint

    def _choose(self, pooled: Any) -> list[TaskChoice]:
        features = to_unit_length(ops.convert_to_numpy(pooled))
        return self.gaussians.choices(features)


def check_validation(tasks: Sequence[Task]) -> None:
    """Looks whether thresholds can be chosen."""
    for task in tasks:
        if not len(task.splits.get("validation", ())):
            raise ValueError(
                "A threshold is chosen on validation images. Hold some out. "
                f"Received: {task!r}"
            )


def _cut(source: Source, tap: str) -> Source:
    known = [each.name for each in source.taps]
    if tap not in known:
        raise ValueError(
            "The source has no such tap, which the router reads. "
            f"{nearest_names(tap, known)} Received: tap={tap!r}"
        )
    return source.select([tap])


def _check_fingerprint(found: str, expected: str) -> None:
    if found != expected:
        raise ValueError(
            "This router was made with another source, whose features are "
            f"others. Received: source={found[:12]!r}, the router's: "
            f"{expected[:12]!r}"
        )


def _read(path: pathlib.Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no such file. Received: path={str(path)!r}"
        )
    try:
        found = load_arrays(path)
        if int(found["format"]) != FORMAT:
            raise KeyError("format")
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise ValueError(
            "This file holds no task router that can be read; it may be "
            f"damaged, or of a newer version ({e}). Received: "
            f"path={str(path)!r}"
        ) from e
    return found
