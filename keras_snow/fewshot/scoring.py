"""How many images of episodes are nearest to their own prototype."""

import numpy as np

from keras_snow.data.episodes import Episodes

DISTANCES = ("euclidean", "cosine", "mahalanobis", "parametric")
CHUNK = 4  # Episodes at a time: their features stay near the processor.
# OpenBLAS shares a larger product among threads, which then wait for each
# other at every episode.
MULTIPLICATIONS = 4 * 65536


def score_episodes(
    features: np.ndarray, episodes: Episodes, cosine: bool = False
) -> np.ndarray:
    """Returns the share of the queries of each episode that are answered right.

    A query is answered with the class whose prototype, the mean of its images,
    is the nearest.

    Args:
        features: Of all images, `(images, features)`.
        episodes: Numbers of images.
        cosine: Whether the largest cosine is the nearest, not the smallest
            Euclidean distance.

    Returns:
        `(episodes,)`

    Examples:
        >>> features = np.array([[0.0], [1.0], [5.0], [6.0]])
        >>> episode = Episodes(*map(np.array, (
        ...     [[0, 1]], [[[0], [2]]], [[[1], [3]]])))
        >>> score_episodes(features, episode)
        array([1.])
    """
    count, ways, queries = episodes.queries.shape
    right = np.empty((count, ways * queries), bool)
    truth = np.repeat(np.arange(ways), queries)
    for start in range(0, count, CHUNK):
        part = slice(start, start + CHUNK)
        means = features[episodes.support[part]].mean(axis=2)
        asked = features[episodes.queries[part].reshape(-1, ways * queries)]
        weights, bias = linear_form(means, cosine)
        logits = _multiply(asked, weights) + bias[:, None]
        right[part] = logits.argmax(axis=2) == truth
    accuracies: np.ndarray = right.mean(axis=1)
    return accuracies


def _multiply(asked: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Returns products of queries and classes, `(episodes, queries, classes)`.

    Args:
        asked: `(episodes, queries, features)`.
        weights: `(episodes, classes, features)`.
    """
    shape = (*asked.shape[:2], weights.shape[1])
    total = np.zeros(shape, np.result_type(asked, weights))
    step = max(1, MULTIPLICATIONS // (shape[1] * shape[2]))
    for start in range(0, asked.shape[2], step):
        part = np.s_[..., start : start + step]
        total += asked[part] @ weights[part].swapaxes(1, 2)
    return total


def linear_form(
    means: np.ndarray, cosine: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Returns what tells the nearest prototype, linear in the features.

    Of the squared distance the square of the image is the same for all
    prototypes; of the cosine its length is.

    Args:
        means: The prototypes, `(..., classes, features)`.
        cosine: As of `score_episodes`.

    Returns:
        Weights, as `means`, and a bias `(..., classes)`.
    """
    squares = np.square(means).sum(axis=-1)
    if cosine:
        lengths = np.sqrt(np.maximum(squares, 1e-24))
        return means / lengths[..., None], np.zeros_like(squares)
    return 2.0 * means, -squares
