"""Which examples a model gets wrong, and what it took them for."""

from collections.abc import Sequence
from typing import Any

import numpy as np

TOP = 3


def list_mistakes(
    logits: Any, labels: Any, class_names: Sequence[str], top: int = TOP
) -> list[dict[str, Any]]:
    """Returns what a model took each misclassified example for.

    An example whose logits are not finite is a mistake without an answer.

    Args:
        logits: `(examples, classes)`.
        labels: Class numbers, `(examples,)`.
        class_names: The classes in the order of their numbers.
        top: Answers of each mistake; all if there are fewer classes.

    Returns:
        In the order of the examples: `index`, `true` (the class), and `top`, a
        list of `class` and `probability`, the likeliest first.

    Raises:
        ValueError: If the numbers of examples or of classes differ.

    Examples:
        >>> found = list_mistakes([[0, 1], [0, 1]], [1, 0], ["cat", "dog"], 1)
        >>> [(one["index"], one["true"], one["top"][0]) for one in found]
        [(1, 'cat', {'class': 'dog', 'probability': 0.7311})]
    """
    logits = np.asarray(logits, "float64")
    labels = np.asarray(labels, "int64")
    if logits.shape != (len(labels), len(class_names)):
        raise ValueError(
            "There must be a row of logits an example and a logit a class. "
            f"Received: logits.shape={logits.shape}, {len(labels)} labels, "
            f"{len(class_names)} classes"
        )
    finite = np.isfinite(logits).all(axis=1)
    wrong = ~finite | (np.where(finite, logits.T, 0.0).argmax(0) != labels)
    return [
        {
            "index": int(index),
            "true": class_names[labels[index]],
            "top": _answers(logits[index], class_names, top)
            if finite[index]
            else [],
        }
        for index in np.flatnonzero(wrong)
    ]


def _answers(
    logits: np.ndarray, class_names: Sequence[str], top: int
) -> list[dict[str, Any]]:
    weights = np.exp(logits - logits.max())
    probabilities = weights / weights.sum()
    order = np.argsort(-probabilities, kind="stable")[:top]
    return [
        {
            "class": class_names[number],
            "probability": round(float(probabilities[number]), 4),
        }
        for number in order
    ]
