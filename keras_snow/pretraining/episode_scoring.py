"""Scores features on episodes, as the layer that was trained compares them."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.data.episodes import EpisodeSampler
from keras_snow.data.episodes import EpisodeShape
from keras_snow.metrics.confidence_interval import confidence_interval

MOST_QUERIES = 15
AT_ONCE = 50  # Episodes whose distances are computed together.


def score_episodes(
    features: np.ndarray,
    labels: np.ndarray,
    prototypes: keras.layers.Layer,
    shape: tuple[int, int],
    episodes: int,
    seed: int,
) -> dict[str, Any] | None:
    """Returns how well episodes are answered, with Student's interval.

    Args:
        features: Of the images of a split, `(images, features)`.
        labels: Their class numbers.
        prototypes: A built `Prototypes`.
        shape: Ways and shots.
        episodes: How many.
        seed: Which.

    Returns:
        `top1` with `low` and `high`, `loss`, `ways`, `shots`, `queries` (of a
        class, 15 or as many as all classes have) and `episodes`; None if there
        are too few classes, or images of one.

    Examples:
        >>> from keras_snow.layers import Prototypes
        >>> labels = np.repeat([0, 1], 4)
        >>> layer = Prototypes()
        >>> layer.build((1, 2, 1, 1), (1, 2, 1))
        >>> found = score_episodes(labels[:, None], labels, layer, (2, 1), 9, 0)
        >>> found["top1"], found["queries"]
        (1.0, 3)
    """
    sizes = np.unique(labels, return_counts=True)[1]
    ways, shots = shape
    queries = min(MOST_QUERIES, int(sizes.min()) - shots)
    if queries < 1 or ways > len(sizes):
        return None
    sampler = EpisodeSampler(labels, EpisodeShape(ways, shots, queries), seed)
    answers = np.repeat(np.arange(ways), queries)
    right, losses = [], []
    for first in range(0, episodes, AT_ONCE):
        drawn = sampler.draw(first, min(AT_ONCE, episodes - first))
        asked = drawn.queries.reshape(len(drawn.queries), -1)
        logits = prototypes(
            features[drawn.support].astype("float32"),
            features[asked].astype("float32"),
        )
        logits = ops.convert_to_numpy(logits)
        right += list((logits.argmax(axis=-1) == answers).mean(axis=-1))
        likely = ops.convert_to_numpy(ops.log_softmax(logits, axis=-1))
        own = likely[:, np.arange(len(answers)), answers]
        losses += list(-own.mean(axis=-1))
    low, high = confidence_interval(right) if episodes > 1 else (None, None)
    return {
        "top1": float(np.mean(right)),
        "low": low,
        "high": high,
        "loss": float(np.mean(losses)),
        "ways": ways,
        "shots": shots,
        "queries": queries,
        "episodes": episodes,
    }
