"""Episodes: a network learns to compare images with prototypes."""

import dataclasses

import keras
import numpy as np
from keras import layers

from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_count
from keras_snow.data.episodes import EpisodeSampler
from keras_snow.data.episodes import EpisodeShape
from keras_snow.data.task import Task
from keras_snow.layers.prototypes import DISTANCES
from keras_snow.layers.prototypes import Prototypes
from keras_snow.pretraining.episode_model import EpisodeModel
from keras_snow.pretraining.episode_session import EpisodeSession
from keras_snow.pretraining.pretext import PRETEXTS
from keras_snow.pretraining.pretext import Pretext
from keras_snow.recipes.recipe import Recipe

# Adam at 1e-3, as Snell et al., with a cosine in the place of their halvings.
EPISODES = Recipe(
    name="episodes",
    optimizer="adamw",
    learning_rate=1e-3,
    weight_decay=5e-4,
    epochs=30,
    reference_batch=None,
    schedule="cosine",
    warmup_epochs=0.0,
    augmentation="none",
)


@PRETEXTS.register("episodes")
@dataclasses.dataclass(frozen=True)
class Episodes(Pretext):
    """A network learns to compare images with prototypes of their classes.

    A step is an episode: some classes, a few images of each to learn from and
    others to answer. Which, is a pure function of the seed and the episode's
    number.

    Reference:
        [Snell et al., 2017](https://arxiv.org/abs/1703.05175), who train with
        more classes than they test with, and with as many images to learn from.

    Args:
        network: As of `Pretext`.
        ways: Classes of an episode.
        shots: Images of each class to learn from.
        queries: Images of each class to answer.
        episodes: How many are an epoch.
        distance: As of `Prototypes`.
        mlp: Units of three dense layers between the pooled maps and what is
            compared; 0 for none. They are no part of the source.
        test_ways: Classes of an episode that the network is scored on; fewer
            where there are fewer.

    Raises:
        ValueError: If a name is unknown or a number out of range.

    Examples:
        >>> Episodes("conv4", ways=5, queries=15).batch_size
        80
    """

    ways: int = 20
    shots: int = 1
    queries: int = 5
    episodes: int = 100
    distance: str = "euclidean"
    mlp: int = 0
    test_ways: int = 5

    name = "episodes"
    session = EpisodeSession
    recipe = EPISODES

    def __post_init__(self) -> None:
        EpisodeShape(self.ways, self.shots, self.queries)
        check_count("episodes", self.episodes)
        check_count("mlp", self.mlp, minimum=0)
        check_count("test_ways", self.test_ways, minimum=2)
        check_choice("distance", self.distance, DISTANCES)

    @property
    def shape(self) -> EpisodeShape:
        """How large an episode is."""
        return EpisodeShape(self.ways, self.shots, self.queries)

    @property
    def batch_size(self) -> int:
        """Images of an episode."""
        return self.ways * (self.shots + self.queries)

    def check(self, task: Task) -> None:
        """As of `Pretext`: there must be classes and images for an episode."""
        super().check(task)
        EpisodeSampler(task.labels("train"), self.shape, names=task.class_names)

    def fit_recipe(self, recipe: Recipe) -> Recipe:
        """As of `Pretext`: a batch is an episode."""
        return recipe.replace(batch_size=self.batch_size)

    def build(self, task: Task, recipe: Recipe, seed: int) -> keras.Model:
        """As of `Pretext`: images of an episode to logits of its queries."""
        body, taps = self.start(seed)
        model = EpisodeModel(
            body,
            self.shape,
            Prototypes(self.distance, seed=seed, name="prototypes"),
            embedding_of(self.mlp),
            name=self.name,
        )
        model.source_taps = taps
        model.episodes = self.episodes
        # Splits may have classes of their own.
        seen = [len(np.unique(task.labels(split))) for split in task.splits]
        model.test_ways = max(2, min(self.test_ways, *seen))
        return model


def embedding_of(units: int) -> list[layers.Layer]:
    """Returns three dense layers with ReLU between; none for 0 units.

    Args:
        units: Of each.
    """
    if not units:
        return []
    activations = ("relu", "relu", None)
    return [
        layers.Dense(units, activation, name=f"mlp{index}")
        for index, activation in enumerate(activations)
    ]
