"""What a run is fitted on: batches of images for the whole model."""

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from keras_snow.core.host_values import on_this_host
from keras_snow.data.batches import Batches
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.pipeline import shared_batches
from keras_snow.data.pipeline import training_batches
from keras_snow.data.task import Task
from keras_snow.data.views import Views
from keras_snow.data.views import count_views
from keras_snow.recipes.recipe import Recipe
from keras_snow.training.hosts import this_host
from keras_snow.training.options import TrainingOptions

CALIBRATION_BATCH = 32


class ImageFeed:
    """Feeds images to the whole model.

    Args:
        model: Images to logits.
        task: What to learn.
        recipe: How.
        image_size: Pixels of a side.
        seed: Seed of order and augmentation.
        config: Caches and batch size of evaluation.
    """

    def __init__(
        self,
        model: keras.Model,
        task: Task,
        recipe: Recipe,
        image_size: int,
        seed: int,
        config: TrainingOptions,
    ) -> None:
        self.model = model
        self.task = task
        self.recipe = recipe
        self.image_size = image_size
        self.seed = seed
        self.config = config

    @property
    def last_epoch(self) -> int:
        """The last epoch, from 1, that it feeds."""
        return self.recipe.epochs

    def parts(self) -> Iterator["ImageFeed"]:
        """Yields what feeds the run, one after the other: itself."""
        yield self

    def training(self, first_epoch: int = 0) -> Batches:
        """Returns the training batches from an epoch on: this host's rows.

        Args:
            first_epoch: The epoch, from 0.
        """
        hosts = this_host()
        whole = self._whole_batches(first_epoch)
        return shared_batches(whole, hosts.index, hosts.count)

    def _whole_batches(self, first_epoch: int = 0) -> Batches:
        return training_batches(
            self.task,
            self.image_size,
            self.recipe.batch_size,
            augmentation=self.recipe.augmentation,
            seed=self.seed,
            first_epoch=first_epoch,
            cache=self.config.cache,
        )

    def validation(self) -> Any:
        """Returns the validation images in order; None if there are none."""
        if not len(self.task.splits.get("validation", ())):
            return None
        return self.evaluation("validation").data

    def evaluation(self, split: str) -> Batches:
        """Returns the images of a split in order.

        Args:
            split: `"validation"` or `"test"`.
        """
        return evaluation_batches(
            self.task,
            split,
            self.image_size,
            self.config.evaluation_batch_size,
            cache=self.config.cache,
        )

    def calibrate(self) -> None:
        """Lets a model that measures constants do so on training images."""
        if not hasattr(self.model, "calibrate"):
            return
        # All hosts measure the same images, each on a device of its own.
        with on_this_host(self.model):
            self.model.calibrate(self.first_images())

    def solve_head(self) -> dict[str, float]:
        """Solves the head of the model on views of the training images.

        Returns:
            `penalty` and `left_out_top1` of the regression; `left_out_map`
            where images have several classes.
        """
        views = Views(
            self.task,
            self.image_size,
            count_views(len(self.task.split("train"))),
            seed=self.seed,
            cache=self.config.cache,
        )
        with on_this_host(self.model):
            ridge = self.model.solve_head(views, views=views.count)
        measure = "map" if self.task.multi_label else "top1"
        return {"penalty": ridge.penalty, f"left_out_{measure}": ridge.accuracy}

    def first_images(self) -> Iterable[tuple[np.ndarray, np.ndarray]]:
        """Returns the batches of the first epoch, to be read repeatedly."""
        return _FirstImages(self._whole_batches())

    def close(self) -> None:
        """Gives back what the feed holds: nothing."""


class _FirstImages:
    """The images and labels of the first epoch, as often as they are asked for.

    Args:
        batches: The training batches.
    """

    def __init__(self, batches: Batches) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        joined = max(1, CALIBRATION_BATCH // self.batches.batch_size)
        for first in range(0, self.batches.steps, joined):
            last = min(first + joined, self.batches.steps)
            parts = [self.batches.reader(step) for step in range(first, last)]
            images, labels = (
                np.concatenate(part) for part in zip(*parts, strict=True)
            )
            for start in range(0, len(images), CALIBRATION_BATCH):
                stop = start + CALIBRATION_BATCH
                yield images[start:stop], labels[start:stop]
