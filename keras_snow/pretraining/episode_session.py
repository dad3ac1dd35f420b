"""EpisodeSession: trains on episodes, scores on those of other images."""

import functools
import itertools
from typing import Any

import keras

from keras_snow.callbacks.scoring import predict_logits
from keras_snow.data.batches import Batches
from keras_snow.data.episodes import EpisodeSampler
from keras_snow.data.pipeline import episode_batches
from keras_snow.data.task import Task
from keras_snow.pretraining.episode_scoring import score_episodes
from keras_snow.pretraining.source_session import SourceSession
from keras_snow.recipes.recipe import Recipe
from keras_snow.sources.image_size import image_input
from keras_snow.training.checks import check_views
from keras_snow.training.checks import check_whole_batch
from keras_snow.training.feed import ImageFeed
from keras_snow.training.strategy import Placement

VALIDATION_EPISODES = 200
TEST_EPISODES = 600  # As most papers.
SHAPES = tuple(itertools.product((5, 10, 20), (1, 5, 10)))
"""Ways and shots that a finished run is scored by, where there are enough."""


class EpisodeFeed(ImageFeed):
    """Feeds episodes of the training images."""

    def _whole_batches(self, first_epoch: int = 0) -> Batches:
        return episode_batches(
            super()._whole_batches(first_epoch),
            _sampler(self.model, self.task, self.seed),
            self.model.episodes,
        )


class EpisodeSession(SourceSession):
    """Trains on episodes, and scores on episodes of other images.

    A split may hold other classes than the training images have.

    Args:
        *args: As of `Session`.

    Examples:
        >>> issubclass(EpisodeSession, SourceSession)
        True
    """

    answers = False

    @staticmethod
    def check(
        model: keras.Model, task: Task, placement: Placement, recipe: Recipe
    ) -> None:
        """As of `Session`."""
        check_views(recipe, wanted=False)
        check_whole_batch("episodes", placement)

    @functools.cached_property
    def embedding(self) -> keras.Model:
        """Images to what is compared of them."""
        image = image_input(self.model.body)
        return keras.Model(image, self.model.features(image, training=False))

    def image_feed(self) -> ImageFeed:
        """As of `Session`."""
        return EpisodeFeed(*self._feed_arguments())

    def _scorers(self, feed: ImageFeed) -> list[keras.callbacks.Callback]:
        if not self._score_split(feed, "validation", 1, [self._shape]):
            return []

        def score(epoch: int, logs: dict[str, Any]) -> None:
            del epoch
            if not self.state.problem:
                (found,) = self._score_split(
                    feed, "validation", VALIDATION_EPISODES, [self._shape]
                )
                logs |= {
                    f"val_{name}": found[name] for name in ("top1", "loss")
                }

        return [keras.callbacks.LambdaCallback(on_epoch_end=score)]

    def _score(self) -> dict[str, Any]:
        feed = self.image_feed()
        results = {}
        shapes = list(dict.fromkeys([self._shape, *SHAPES]))
        for split in ("validation", "test"):
            found = self._score_split(feed, split, TEST_EPISODES, shapes)
            if found:
                results[split] = {**found[0], "shapes": found}
        return results

    @property
    def _shape(self) -> tuple[int, int]:
        return self.model.test_ways, self.model.shape.shots

    def _score_split(
        self,
        feed: ImageFeed,
        split: str,
        episodes: int,
        shapes: list[tuple[int, int]],
    ) -> list[dict[str, Any]]:
        """Returns nothing for a split that holds too few images."""
        if not len(self.task.splits.get(split, ())):
            return []
        batches = feed.evaluation(split)
        with batches.plain_errors():
            features = predict_logits(self.embedding, batches.data)
        labels, compare = self.task.labels(split), self.model.prototypes
        scores = [
            score_episodes(
                features, labels, compare, shape, episodes, self.seed
            )
            for shape in shapes
        ]
        return [] if scores[0] is None else [x for x in scores if x]


def _sampler(model: keras.Model, task: Task, seed: int) -> EpisodeSampler:
    return EpisodeSampler(
        task.labels("train"), model.shape, seed, task.class_names
    )
