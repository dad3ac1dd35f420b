"""Names the likeliest classes of images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops


def name_classes(
    logits: Any, class_names: Sequence[str] | None, top: int
) -> list[list[dict[str, Any]]]:
    """Returns the likeliest classes of each image.

    Args:
        logits: `(images, classes)`.
        class_names: Their names; their numbers if None.
        top: How many.

    Examples:
        >>> name_classes(np.array([[0.0, 50.0]]), ["wren", "owl"], 1)
        [[{'class': 'owl', 'score': 1.0}]]
        >>> name_classes(np.array([[0.0, 50.0]]), None, 1)
        [[{'class': '1', 'score': 1.0}]]
    """
    values = ops.convert_to_numpy(logits).astype("float64")
    shares = np.exp(values - values.max(axis=-1, keepdims=True))
    scores = shares / shares.sum(axis=-1, keepdims=True)
    names = class_names or [str(index) for index in range(scores.shape[-1])]
    return [
        [
            {"class": names[index], "score": round(float(row[index]), 6)}
            for index in np.argsort(-row, kind="stable")[:top]
        ]
        for row in scores
    ]
