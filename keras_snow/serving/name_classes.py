"""Names the likeliest classes of images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops


def name_classes(
    logits: Any, class_names: Sequence[str], top: int
) -> list[list[dict[str, Any]]]:
    """Returns the likeliest classes of each image.

    Args:
        logits: `(images, classes)`.
        class_names: Their names.
        top: How many.

    Examples:
        >>> name_classes(np.array([[0.0, 50.0]]), ["wren", "owl"], 1)
        [[{'class': 'owl', 'score': 1.0}]]
    """
    values = ops.convert_to_numpy(logits).astype("float64")
    shares = np.exp(values - values.max(axis=-1, keepdims=True))
    scores = shares / shares.sum(axis=-1, keepdims=True)
    return [
        [
            {"class": class_names[index], "score": round(float(row[index]), 6)}
            for index in np.argsort(-row, kind="stable")[:top]
        ]
        for row in scores
    ]
