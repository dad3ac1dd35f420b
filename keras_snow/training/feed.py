"""What a run is fitted on: batches of images for the whole model."""

from typing import Any

import keras
import numpy as np

from keras_snow.data.batches import Batches
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.pipeline import training_batches
from keras_snow.data.task import Task
from keras_snow.models.snow_model import CALIBRATION_IMAGES
from keras_snow.recipes.recipe import Recipe
from keras_snow.training.options import TrainingOptions


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

    def training(self, first_epoch: int = 0) -> Batches:
        """Returns the training batches from an epoch on.

        Args:
            first_epoch: The epoch, from 0.
        """
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
        batches = self.training()
        steps = min(batches.steps, -(-CALIBRATION_IMAGES // batches.batch_size))
        images = [batches.reader(step)[0] for step in range(steps)]
        self.model.calibrate(np.concatenate(images).astype("float32"))

    def close(self) -> None:
        """Gives back what the feed holds: nothing."""
