"""Episodes: small tasks of a few classes and images, drawn from a split."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from keras_snow.core.checks import check_count
from keras_snow.data.task_checks import check_one_class_each


class Episodes(NamedTuple):
    """Several episodes, as numbers of classes and images."""

    classes: np.ndarray
    """Class numbers, `(episodes, ways)`."""
    support: np.ndarray
    """Images to learn from, `(episodes, ways, shots)`."""
    queries: np.ndarray
    """Images to answer, `(episodes, ways, queries)`."""


@dataclasses.dataclass(frozen=True)
class EpisodeShape:
    """How large an episode is.

    Args:
        ways: Classes of an episode.
        shots: Images of each class to learn from.
        queries: Images of each class to answer.

    Raises:
        ValueError: If there are fewer than two classes, or no image.

    Examples:
        >>> EpisodeShape(shots=5)
        EpisodeShape(ways=5, shots=5, queries=15)
    """

    ways: int = 5
    shots: int = 1
    queries: int = 15

    def __post_init__(self) -> None:
        check_count("ways", self.ways, minimum=2)
        check_count("shots", self.shots)
        check_count("queries", self.queries)


class EpisodeSampler:
    """Draws episodes; each is a function of the seed and its number alone.

    Classes of an episode are distinct, and so are its images: none is in
    support and queries at once. All subsets are equally likely.

    Args:
        labels: Class number of each image.
        shape: How large an episode is.
        seed: Which episodes.
        names: The classes in the order of their numbers, for messages.

    Raises:
        ValueError: If there are too few classes, or a class has too few images.

    Examples:
        >>> labels = np.repeat([0, 1, 2], 4)
        >>> sampler = EpisodeSampler(labels, EpisodeShape(2, 1, 3))
        >>> episodes = sampler.draw(first=7, count=10)
        >>> episodes.support.shape, episodes.queries.shape
        ((10, 2, 1), (10, 2, 3))
        >>> labels[episodes.queries[0, 0]] == episodes.classes[0, 0]
        array([ True,  True,  True])
    """

    def __init__(
        self,
        labels: np.ndarray,
        shape: EpisodeShape,
        seed: int = 0,
        names: Sequence[str] | None = None,
    ) -> None:
        self.shape = shape
        self.seed = check_count("seed", seed, minimum=0)
        labels = np.asarray(labels)
        check_one_class_each(labels.ndim == 2, "An episode")
        self._classes, self._sizes = np.unique(labels, return_counts=True)
        self._members = np.argsort(labels, kind="stable")
        self._starts = np.cumsum(self._sizes) - self._sizes
        self._check(names)

    def draw(self, first: int, count: int = 1) -> Episodes:
        """Returns episodes by their numbers.

        Args:
            first: Number of the first one.
            count: How many.
        """
        shape = self.shape
        draws = self._draws(check_count("first", first, minimum=0), count)
        classes = _distinct(draws[:, : shape.ways], len(self._sizes))
        images = _distinct(
            draws[:, shape.ways :].reshape(count, shape.ways, -1),
            self._sizes[classes],
        )
        images = self._members[self._starts[classes][..., None] + images]
        return Episodes(
            self._classes[classes],
            images[..., : shape.shots],
            images[..., shape.shots :],
        )

    def _draws(self, first: int, count: int) -> np.ndarray:
        """Returns the random numbers of each episode, uniform from 0 to 1."""
        shape = self.shape
        used = shape.ways * (1 + shape.shots + shape.queries)
        # One step of Philox gives four numbers, and any step is reached at
        # once: an episode has a range of steps of its own.
        steps = -(-used // 4)
        philox = np.random.Philox(np.random.SeedSequence(self.seed))
        generator = np.random.Generator(philox.advance(first * steps))
        return generator.random((count, 4 * steps))[:, :used]

    def _check(self, names: Sequence[str] | None) -> None:
        shape = self.shape
        if len(self._sizes) < shape.ways:
            raise ValueError(
                "An episode needs classes that differ: lower `ways`, or take a "
                f"task of more classes. Received: ways={shape.ways}, "
                f"{len(self._sizes)} classes"
            )
        needed, least = shape.shots + shape.queries, int(self._sizes.argmin())
        if self._sizes[least] < needed:
            number = int(self._classes[least])
            raise ValueError(
                "Each class must have `shots + queries` images. Lower one of "
                f"them. Received: shots={shape.shots}, "
                f"queries={shape.queries}, class="
                f"{names[number] if names else number!r} with "
                f"{int(self._sizes[least])} images"
            )


def _distinct(draws: np.ndarray, sizes: np.ndarray | int) -> np.ndarray:
    """Turns numbers from 0 to 1 into different whole numbers below `sizes`.

    The last axis is drawn without replacement: a number counts those that are
    left, so those that were taken before are stepped over, in their order.
    """
    chosen = np.empty(draws.shape, "int64")
    for index in range(draws.shape[-1]):
        pick = (draws[..., index] * (sizes - index)).astype("int64")
        for taken in np.moveaxis(np.sort(chosen[..., :index], axis=-1), -1, 0):
            pick += pick >= taken
        chosen[..., index] = pick
    return chosen
