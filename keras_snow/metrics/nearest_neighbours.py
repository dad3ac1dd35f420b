"""How well the nearest neighbours of an image tell its class."""

import numpy as np

NEIGHBOURS = 20
TEMPERATURE = 0.07  # Wu et al., 2018: a vote weighs exp(cosine / temperature).


def neighbour_accuracy(
    features: np.ndarray,
    labels: np.ndarray,
    bank: np.ndarray,
    bank_labels: np.ndarray,
    neighbours: int = NEIGHBOURS,
) -> float:
    """Returns the share of images whose neighbours vote for their class.

    Reference:
        [Wu et al., 2018](https://arxiv.org/abs/1805.01978)

    Args:
        features: Of the images, `(images, features)`.
        labels: Their class numbers.
        bank: Features of the images that vote.
        bank_labels: Their class numbers.
        neighbours: How many vote, the nearest by their cosine.

    Examples:
        >>> bank = np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> asked = np.array([[0.9, 0.1], [0.2, 0.8]])
        >>> neighbour_accuracy(asked, np.array([0, 1]), bank, np.array([0, 1]))
        1.0
    """
    cosines = _unit(features) @ _unit(bank).T
    nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :neighbours]
    votes = np.zeros((len(features), int(bank_labels.max()) + 1))
    weights = np.exp(np.take_along_axis(cosines, nearest, 1) / TEMPERATURE)
    rows = np.arange(len(features))[:, None]
    np.add.at(votes, (rows, bank_labels[nearest]), weights)
    return float(np.mean(votes.argmax(axis=1) == labels))


def _unit(features: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(features.astype("float64"), axis=1, keepdims=True)
    unit: np.ndarray = features / np.maximum(lengths, 1e-12)
    return unit
