"""PartitionSession: trains a classifier with binary layers beside it."""

import functools
from typing import Any

import keras
import numpy as np

from keras_snow.callbacks import Validation
from keras_snow.data.batches import Batches
from keras_snow.data.pipeline import relabelled
from keras_snow.data.task import Task
from keras_snow.pretraining.source_session import SourceSession
from keras_snow.recipes.recipe import Recipe
from keras_snow.training.checks import check_model
from keras_snow.training.feed import ImageFeed
from keras_snow.training.strategy import Placement


class PartitionFeed(ImageFeed):
    """Feeds images with their classes and the halves that these belong to."""

    def training(self, first_epoch: int = 0) -> Batches:
        """As of `ImageFeed`.

        Args:
            first_epoch: The epoch, from 0.
        """
        halves = self.model.halves
        classes = np.arange(len(halves), dtype="int32")
        tables = {"classes": classes, "halves": halves}
        return relabelled(super().training(first_epoch), tables)


class PartitionSession(SourceSession):
    """Trains a classifier with binary layers; scores and saves it alone.

    Args:
        *args: As of `Session`.

    Examples:
        >>> issubclass(PartitionSession, SourceSession)
        True
    """

    @staticmethod
    def check(
        model: keras.Model, task: Task, placement: Placement, recipe: Recipe
    ) -> None:
        """As of `Session`."""
        check_model(_classifier(model), task, placement, recipe)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        names = np.array(self.task.class_names)
        self.record["partitions"] = [
            names[half == 1].tolist() for half in self.model.halves.T
        ]

    @functools.cached_property
    def answering(self) -> keras.Model:
        """The classifier without the binary layers."""
        return _classifier(self.model)

    def image_feed(self) -> ImageFeed:
        """As of `Session`."""
        return PartitionFeed(*self._feed_arguments())

    def _compile(
        self, model: keras.Model, optimizer: keras.optimizers.Optimizer
    ) -> None:
        weight = model.binary_weight
        model.compile(
            optimizer=optimizer,
            loss={
                "classes": self.recipe.build_loss(),
                "halves": keras.losses.BinaryCrossentropy(from_logits=True),
            },
            loss_weights={"classes": 1.0 - weight, "halves": weight},
            metrics={
                "classes": [
                    keras.metrics.SparseCategoricalAccuracy(name="accuracy")
                ],
                "halves": [
                    keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)
                ],
            },
            jit_compile=self.placement.compiles_step,
        )

    def _scorers(self, feed: ImageFeed) -> list[keras.callbacks.Callback]:
        validation = feed.validation()
        if validation is None:
            return []
        labels = self.task.labels("validation")
        return [Validation(validation, labels, self.state, self.answering)]


def _classifier(model: keras.Model) -> keras.Model:
    return keras.Model(model.input, model.output["classes"], name="classifier")
