"""Partition: classes, and random halves of the classes as a second answer."""

import dataclasses

import keras
import numpy as np
from keras import layers

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative
from keras_snow.data.task import Task
from keras_snow.pretraining.labels import Labels
from keras_snow.pretraining.partition_session import PartitionSession
from keras_snow.pretraining.pretext import PRETEXTS
from keras_snow.recipes.recipe import Recipe


@PRETEXTS.register("partition")
@dataclasses.dataclass(frozen=True)
class Partition(Labels):
    """A network learns its classes, and to which random half each belongs.

    A binary layer beside the classifier tells the two halves of a random
    partition of the classes apart. The loss is `1 - binary_weight` times that
    of the classes and `binary_weight` times that of the halves. What is kept
    has neither layer. With a weight of 0 it is `Labels`, bit for bit.

    Reference:
        Borthakur and Einhorn, Maximizing Feature Extraction in Deep Neural
        Networks for Transfer Learning.

    Args:
        network: As of `Pretext`.
        binary_weight: Weight of the binary layers, the reference's B.
        partitions: Binary layers, each with a partition of its own; their
            losses are averaged.

    Raises:
        ValueError: If a number is out of range.

    Examples:
        >>> Partition("conv4", binary_weight=0.1).partitions
        1
    """

    binary_weight: float = 0.3
    partitions: int = 1

    name = "partition"
    session = PartitionSession

    def __post_init__(self) -> None:
        check_count("partitions", self.partitions)
        if check_not_negative("binary_weight", self.binary_weight) >= 1:
            raise ValueError(
                "`binary_weight` must be at least 0 and below 1. Received: "
                f"binary_weight={self.binary_weight}"
            )

    def build(self, task: Task, recipe: Recipe, seed: int) -> keras.Model:
        """As of `Pretext`: images to logits of classes and of halves."""
        plain = super().build(task, recipe, seed)
        halves = layers.Dense(self.partitions, name="halves")(
            plain.get_layer("logits").input
        )
        outputs = {"classes": plain.output, "halves": halves}
        model = keras.Model(plain.input, outputs, name=self.name)
        model.source_taps = plain.source_taps
        model.binary_weight = self.binary_weight
        model.halves = draw_halves(task.num_classes, self.partitions, seed)
        return model


def draw_halves(num_classes: int, partitions: int, seed: int) -> np.ndarray:
    """Draws partitions of the classes into two equal halves.

    Args:
        num_classes: How many classes there are; of an odd number the first
            half has one more.
        partitions: How many partitions.
        seed: Which.

    Returns:
        0 or 1 for each class and partition, `(num_classes, partitions)`.

    Examples:
        >>> draw_halves(4, partitions=2, seed=0).sum(axis=0)
        array([2., 2.], dtype=float32)
    """
    generator = np.random.default_rng((seed, num_classes))
    halves = np.zeros((num_classes, partitions), "float32")
    for column in halves.T:
        column[generator.permutation(num_classes)[: num_classes // 2]] = 1.0
    return halves
