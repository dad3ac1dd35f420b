"""Labels: a network learns the classes of its images."""

import dataclasses

import keras

from keras_snow.baselines.heads import classify
from keras_snow.data.task import Task
from keras_snow.pretraining.pretext import PRETEXTS
from keras_snow.pretraining.pretext import Pretext
from keras_snow.recipes.recipe import Recipe
from keras_snow.sources.image_size import image_input

# That of small residual networks on CIFAR: SGD, momentum, a cosine.
LABELS = Recipe(
    name="labels",
    learning_rate=0.05,
    weight_decay=5e-4,
    epochs=40,
    batch_size=64,
    reference_batch=64,
    schedule="cosine",
    warmup_epochs=2.0,
    augmentation="near",
    keep="last",
)


@PRETEXTS.register("labels")
@dataclasses.dataclass(frozen=True)
class Labels(Pretext):
    """A network learns the classes of its images.

    The run also answers: its model is the network with its classifier.

    Args:
        network: As of `Pretext`.

    Examples:
        >>> Labels("conv4").recipe.name
        'labels'
    """

    name = "labels"
    recipe = LABELS

    def build(self, task: Task, recipe: Recipe, seed: int) -> keras.Model:
        """As of `Pretext`: images to logits."""
        body, taps = self.start(seed)
        image = image_input(body)
        logits = classify(body(image), task.num_classes)
        model = keras.Model(image, logits, name=self.name)
        model.source_taps = taps
        return model
