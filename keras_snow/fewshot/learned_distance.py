"""The parametric distance: a function of pairs, learned on base classes."""

from typing import Any

import keras
import numpy as np

from keras_snow.data.episodes import Episodes
from keras_snow.data.episodes import EpisodeSampler
from keras_snow.data.episodes import EpisodeShape
from keras_snow.layers.prototypes import Prototypes

STEPS = 300
EPISODES = 4  # Of a step.
WAYS = 20  # Snell et al.: more than are asked for.
QUERIES = 5
LEARNING_RATE = 1e-3


class LearnedDistance:
    """Tells which prototype is the nearest by a function that it has learned.

    Args:
        shots: Images of each class, in training and after.
        seed: Of initial weights, dropout and episodes.
        steps: Steps of training.
        distance: As of `Prototypes`.

    Examples:
        >>> draw = np.random.default_rng(0)
        >>> labels = np.repeat([0, 1, 2], 8)
        >>> learned = LearnedDistance(shots=1, steps=2)
        >>> learned.fit(draw.normal(size=(24, 8)), labels)
    """

    def __init__(
        self,
        shots: int,
        seed: int = 0,
        steps: int = STEPS,
        distance: str = "parametric",
    ) -> None:
        self.shots = shots
        self.distance = distance
        self.seed = seed
        self.steps = steps
        self._mean: Any = 0.0
        self._deviation = 1.0
        self._model: Any = None

    def fit(self, features: np.ndarray, labels: np.ndarray) -> None:
        """Learns it by episodes.

        Args:
            features: Of base classes, `(images, features)`.
            labels: Class numbers.

        Raises:
            ValueError: If a class has too few images.
        """
        self._mean = features.mean(axis=0)
        self._deviation = float((features - self._mean).std()) or 1.0
        ways = min(WAYS, len(np.unique(labels)))
        shape = EpisodeShape(ways, self.shots, QUERIES)
        sampler = EpisodeSampler(labels, shape, self.seed)
        size = features.shape[1]
        support = keras.Input((None, self.shots, size))
        queries = keras.Input((None, size))
        layer = Prototypes(self.distance, self.seed)
        self._model = keras.Model([support, queries], layer(support, queries))
        self._model.compile(
            keras.optimizers.Adam(LEARNING_RATE),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        batches = _Batches(self._scaled(features), sampler, self.steps)
        self._model.fit(batches, shuffle=False, verbose=0)

    def score(self, features: np.ndarray, episodes: Episodes) -> np.ndarray:
        """As `score_episodes`, by what was learned.

        Args:
            features: Of all images.
            episodes: Numbers of images, of as many shots as it has learned.
        """
        inputs, truth = _pairs(self._scaled(features), episodes)
        logits = self._model.predict(inputs, batch_size=EPISODES, verbose=0)
        accuracies: np.ndarray = (logits.argmax(axis=2) == truth).mean(axis=1)
        return accuracies

    def _scaled(self, features: np.ndarray) -> np.ndarray:
        scaled: np.ndarray = (features - self._mean) / self._deviation
        return scaled.astype("float32")


class _Batches(keras.utils.PyDataset):
    """Episodes, one batch after another."""

    def __init__(
        self, features: np.ndarray, sampler: EpisodeSampler, steps: int
    ) -> None:
        super().__init__()
        self.features = features
        self.sampler = sampler
        self.steps = steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> Any:
        episodes = self.sampler.draw(index * EPISODES, EPISODES)
        return _pairs(self.features, episodes)


def _pairs(features: np.ndarray, episodes: Episodes) -> Any:
    count, ways, queries = episodes.queries.shape
    asked = features[episodes.queries.reshape(count, -1)]
    truth = np.tile(np.repeat(np.arange(ways), queries), (count, 1))
    return (features[episodes.support], asked), truth
