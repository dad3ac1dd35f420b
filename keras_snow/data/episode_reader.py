"""Reads the images of an episode, whatever will take them."""

import numpy as np

from keras_snow.data.batch_reader import TrainingReader
from keras_snow.data.episodes import EpisodeSampler


class EpisodeReader:
    """Batches that are episodes: support, then queries, without end.

    What a batch holds is a pure function of the seeds and its number.

    Args:
        single: Reads and augments a single image.
        sampler: Draws the episodes of the same images.
        steps: Episodes of an epoch.

    Examples:
        >>> from keras_snow.data.augmentation import Augmentation
        >>> from keras_snow.data.episodes import EpisodeShape
        >>> image = np.zeros((8, 8, 3), "uint8")
        >>> labels = np.repeat([0, 1, 2], 4)
        >>> single = TrainingReader(lambda index: image, labels, 8, 2,
        ...                         Augmentation("none"), seed=0)
        >>> sampler = EpisodeSampler(labels, EpisodeShape(3, 1, 2))
        >>> images, answers = EpisodeReader(single, sampler, steps=10)(0)
        >>> images.shape, answers.tolist()
        ((9, 8, 8, 3), [0, 0, 1, 1, 2, 2])
    """

    def __init__(
        self, single: TrainingReader, sampler: EpisodeSampler, steps: int
    ) -> None:
        self.single = single
        self.sampler = sampler
        self.steps = steps
        self.image_size = single.image_size
        shape = sampler.shape
        self.batch_size = shape.ways * (shape.shots + shape.queries)

    @property
    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Of the images and the labels of an episode."""
        shape, side = self.sampler.shape, self.image_size
        return (self.batch_size, side, side, 3), (shape.ways * shape.queries,)

    def __call__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns images, uint8, and the queries' labels, int32.

        Args:
            step: The episode's number since the first epoch.
        """
        number = self.single.first_epoch * self.steps + int(step)
        drawn = self.sampler.draw(number)
        members = [*drawn.support.ravel(), *drawn.queries.ravel()]
        images = [self.single.example(number, int(each)) for each in members]
        shape = self.sampler.shape
        labels = np.repeat(np.arange(shape.ways), shape.queries)
        return np.stack(images), labels.astype("int32")
