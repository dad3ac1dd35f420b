"""Names the likeliest classes of images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from keras_snow.callbacks.scoring import probabilities


def name_classes(
    logits: Any,
    class_names: Sequence[str] | None,
    top: int,
    thresholds: Sequence[float] | None = None,
) -> list[list[dict[str, Any]]]:
    """Returns the likeliest classes of each image.

    Args:
        logits: `(images, classes)`.
        class_names: Their names; their numbers if None.
        top: How many.
        thresholds: Of a task whose images may have several classes: the
            probability from which each is `present`. The score is then each
            class's own probability, and all classes are named that are present.

    Examples:
        >>> name_classes(np.array([[0.0, 50.0]]), ["wren", "owl"], 1)
        [[{'class': 'owl', 'score': 1.0}]]
        >>> name_classes(np.array([[0.0, 50.0]]), None, 1)
        [[{'class': '1', 'score': 1.0}]]
        >>> name_classes(np.array([[0.0, 50.0]]), None, 1, [0.6, 0.5])
        [[{'class': '1', 'score': 1.0, 'present': True}]]
    """
    names = class_names or [str(x) for x in range(np.shape(logits)[-1])]
    if thresholds is not None:
        return _name_several(
            ops.convert_to_numpy(logits), names, top, thresholds
        )
    values = ops.convert_to_numpy(logits).astype("float64")
    shares = np.exp(values - values.max(axis=-1, keepdims=True))
    scores = shares / shares.sum(axis=-1, keepdims=True)
    return [
        [
            {"class": names[index], "score": round(float(row[index]), 6)}
            for index in np.argsort(-row, kind="stable")[:top]
        ]
        for row in scores
    ]


def _name_several(
    logits: np.ndarray,
    names: Sequence[str],
    top: int,
    thresholds: Sequence[float],
) -> list[list[dict[str, Any]]]:
    scores = probabilities(logits)
    present = scores >= np.asarray(thresholds)
    return [
        [
            {
                "class": names[index],
                "score": round(float(row[index]), 6),
                "present": bool(known[index]),
            }
            for place, index in enumerate(np.argsort(-row, kind="stable"))
            if place < top or known[index]
        ]
        for row, known in zip(scores, present, strict=True)
    ]
