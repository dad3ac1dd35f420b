"""ByolSession: trains on pairs of views, and watches for collapse."""

import functools
import sys
from typing import Any

import keras
import numpy as np
import tqdm

from keras_snow.baselines.graphs import clone_network
from keras_snow.baselines.graphs import draw_weights
from keras_snow.callbacks.scoring import predict_logits
from keras_snow.data.splitting import stratified_subset
from keras_snow.data.task import Task
from keras_snow.metrics.nearest_neighbours import neighbour_accuracy
from keras_snow.pretraining.byol_loss import ByolLoss
from keras_snow.pretraining.byol_loss import Spread
from keras_snow.pretraining.source_session import SourceSession
from keras_snow.recipes.recipe import Recipe
from keras_snow.training.checks import check_views
from keras_snow.training.checks import check_whole_batch
from keras_snow.training.feed import ImageFeed
from keras_snow.training.strategy import Placement

MOST_VOTERS = 1000  # Training images among which neighbours are sought.
COLLAPSED = 0.3  # Runs that learn keep a spread above 0.7.


class ByolSession(SourceSession):
    """Trains on pairs of views, and watches for collapse.

    Every epoch leaves `spread` (see `Spread`) and, of a task with classes,
    `val_knn`: the share of validation images whose nearest training images
    vote for their class. The loss alone is lowest when all images look alike.

    Args:
        *args: As of `Session`.

    Examples:
        >>> issubclass(ByolSession, SourceSession)
        True
    """

    answers = False

    @staticmethod
    def check(
        model: keras.Model, task: Task, placement: Placement, recipe: Recipe
    ) -> None:
        """As of `Session`."""
        check_views(recipe, wanted=True)
        check_whole_batch("byol", placement)

    @functools.cached_property
    def embedding(self) -> keras.Model:
        """Images to the means of the last maps."""
        return _pooled(self.body)

    def _compile(
        self, model: keras.Model, optimizer: keras.optimizers.Optimizer
    ) -> None:
        model.compile(
            optimizer=optimizer,
            loss=ByolLoss(),
            metrics=[Spread()],
            jit_compile=self.placement.compiles_step,
        )

    def _scorers(self, feed: ImageFeed) -> list[keras.callbacks.Callback]:
        def watch(epoch: int, logs: dict[str, Any]) -> None:
            if self.state.problem:
                return
            if self._has("validation"):
                logs["val_knn"] = self._neighbours(self.embedding, "validation")
            if logs["spread"] < COLLAPSED and self.config.verbose:
                tqdm.tqdm.write(
                    f"Epoch {epoch + 1}: the images look more and more alike "
                    f"(spread {logs['spread']:.2f}); below {COLLAPSED} "
                    "nothing is learned.",
                    file=sys.stderr,
                )

        return [keras.callbacks.LambdaCallback(on_epoch_end=watch)]

    def _score(self) -> dict[str, Any]:
        results: dict[str, Any] = {
            "train": {
                name: self.state.curves[name][-1] for name in ("loss", "spread")
            }
        }
        untrained = clone_network(self.body)
        draw_weights(untrained.layers, self.seed)
        for split in ("validation", "test"):
            if self._has(split):
                results[split] = {
                    "knn": self._neighbours(self.embedding, split),
                    "knn_untrained": self._neighbours(
                        _pooled(untrained), split
                    ),
                    "count": len(self.task.labels(split)),
                }
        return results

    def _has(self, split: str) -> bool:
        """Whether a split has images, and these have classes."""
        labelled = self.task.num_classes > 0
        return labelled and len(self.task.splits.get(split, ())) > 0

    @functools.cached_property
    def _voters(self) -> Task:
        """The task with those training images whose classes are asked for."""
        train = self.task.split("train")
        if len(train) > MOST_VOTERS:
            train, _ = stratified_subset(train, MOST_VOTERS, self.seed)
        return self.task.with_splits({**self.task.splits, "train": train})

    def _neighbours(self, embedding: keras.Model, split: str) -> float:
        bank = self._features(embedding, "train")
        return neighbour_accuracy(
            self._features(embedding, split),
            self._voters.labels(split),
            bank,
            self._voters.labels("train"),
        )

    def _features(self, embedding: keras.Model, split: str) -> np.ndarray:
        feed = ImageFeed(
            self.model,
            self._voters,
            self.recipe,
            self.image_size,
            self.seed,
            self.config,
        )
        batches = feed.evaluation(split)
        with batches.plain_errors():
            return predict_logits(embedding, batches.data)


def _pooled(body: keras.Model) -> keras.Model:
    """Returns a network that gives the mean of each map."""
    pooled = keras.layers.GlobalAveragePooling2D()(body.output)
    return keras.Model(body.input, pooled)
