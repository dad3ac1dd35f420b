"""Byol: a network learns without labels, from two views of each image."""

import dataclasses

import keras

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_flag
from keras_snow.core.checks import check_not_negative
from keras_snow.data.task import Task
from keras_snow.pretraining.byol_model import ByolModel
from keras_snow.pretraining.byol_session import ByolSession
from keras_snow.pretraining.pretext import PRETEXTS
from keras_snow.pretraining.pretext import Pretext
from keras_snow.recipes.recipe import Recipe

BYOL = Recipe(
    name="byol",
    optimizer="adamw",
    learning_rate=1e-3,
    weight_decay=1e-4,
    epochs=60,
    batch_size=128,
    reference_batch=128,
    schedule="cosine",
    warmup_epochs=3.0,
    augmentation="views",
    keep="last",
)


@PRETEXTS.register("byol")
@dataclasses.dataclass(frozen=True)
class Byol(Pretext):
    """A network learns without labels, from two views of each image.

    Labels, where there are some, only serve to watch it.

    Reference:
        [Grill et al., 2020](https://arxiv.org/abs/2006.07733), Bootstrap Your
        Own Latent.

    Args:
        network: As of `Pretext`.
        target_momentum: What the target keeps of itself in the first step; it
            rises to 1. The paper: 0.996 for its 300 epochs.
        hidden: Units of the hidden layers of projector and predictor.
        projection: Units of their last layers.
        predictor: Whether there is a predictor.

    Raises:
        TypeError: If `predictor` is neither True nor False.
        ValueError: If a number is out of range.

    Examples:
        >>> Byol("conv4").recipe.augmentation
        'views'
    """

    target_momentum: float = 0.99
    hidden: int = 512
    projection: int = 128
    predictor: bool = True

    name = "byol"
    session = ByolSession
    recipe = BYOL
    learns_classes = False

    def __post_init__(self) -> None:
        check_count("hidden", self.hidden)
        check_count("projection", self.projection)
        check_flag("predictor", self.predictor)
        kept = check_not_negative("target_momentum", self.target_momentum)
        if kept >= 1:
            raise ValueError(
                "`target_momentum` must be at least 0 and below 1. Received: "
                f"target_momentum={self.target_momentum}"
            )

    def build(self, task: Task, recipe: Recipe, seed: int) -> keras.Model:
        """As of `Pretext`: two views of images to what is compared."""
        body, taps = self.start(seed)
        steps = len(task.labels("train")) // recipe.batch_size
        model = ByolModel(
            body,
            max(1, steps * recipe.epochs),
            self.target_momentum,
            (self.hidden, self.projection),
            self.predictor,
            name=self.name,
        )
        model.source_taps = taps
        return model
