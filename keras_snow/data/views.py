"""A few fixed views of each training image, for what looks at each once."""

from collections.abc import Iterator

import numpy as np

from keras_snow.data.augmentation import get_augmentation
from keras_snow.data.batch_reader import TrainingReader
from keras_snow.data.cache import CacheChoice
from keras_snow.data.cache import cached_reader
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.task import Task

BATCH = 32
MOST_EXAMPLES = 4096
"""Views of images that a closed form is solved for; it takes cubic time."""
USUAL = 3  # More views gain next to nothing.


def count_views(examples: int, views: int = USUAL) -> int:
    """Returns how many views of an image a closed form may be given.

    Args:
        examples: Training images.
        views: Views that are asked for.

    Examples:
        >>> count_views(500), count_views(2000), count_views(9000)
        (3, 2, 1)
    """
    return max(1, min(views, MOST_EXAMPLES // examples))


class Views:
    """Reads views of the training images of a task by number.

    The first view of an image is the crop of evaluation: few views can't stand
    for all crops, and this is the one that counts. The others are those that
    the first epochs of training show.

    Args:
        task: The task.
        image_size: Pixels of a side.
        count: Views of each image.
        augmentation: Name of what the other views are drawn by.
        seed: Seed of the other views.
        batch_size: Examples of a batch of `training`.
        cache: Where decoded images are kept, as of `training_batches`.

    Examples:
        >>> images = np.zeros((10, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 5)
        >>> views = Views(task, 8, count=2)
        >>> len(views) == 2 * len(task.split("train"))
        True
    """

    def __init__(
        self,
        task: Task,
        image_size: int,
        count: int,
        augmentation: str = "near",
        seed: int = 0,
        batch_size: int = BATCH,
        cache: CacheChoice = None,
    ) -> None:
        drawn = get_augmentation(augmentation if count > 1 else "none")
        split = task.split("train")
        self.count = count
        self.training = TrainingReader(
            cached_reader(split, drawn.shorter_side(image_size), cache),
            split.labels,
            image_size,
            batch_size,
            drawn,
            seed,
        )
        self._plain = evaluation_batches(
            task, "train", image_size, batch_size=1, cache=cache
        ).reader

    def __len__(self) -> int:
        return len(self.training.labels) * self.count

    def read(self, row: int) -> np.ndarray:
        """Returns a view, `(image_size, image_size, 3)`, uint8.

        Args:
            row: Number of the image times `count`, plus number of the view.
        """
        index, view = divmod(row, self.count)
        if view == 0:
            image: np.ndarray = self._plain(index)[0][0]
            return image
        return self.training.example(view, index)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields batches of views and class numbers, in order."""
        for start in range(0, len(self), BATCH):
            rows = range(start, min(start + BATCH, len(self)))
            images = np.stack([self.read(row) for row in rows])
            yield images, self.training.labels[np.asarray(rows) // self.count]
