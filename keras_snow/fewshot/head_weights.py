"""How much the head of a SNOW run weighs each map of its source."""

from collections.abc import Sequence

import numpy as np

from keras_snow.deltas.delta import Delta
from keras_snow.serving.folding import MEAN
from keras_snow.serving.folding import fold_delta
from keras_snow.sources.tap import Tap


def head_weights(delta: Delta, taps: Sequence[Tap]) -> np.ndarray:
    """Returns importance times norm of the kernel, for the mean of each map.

    Args:
        delta: Of a SNOW run.
        taps: Taps of the source, whose maps lie side by side.

    Returns:
        `(maps of all taps,)`, 0 for a map that is not read. Of raw means: what
        varies less is weighed more.

    Raises:
        ValueError: If the head reads no tap.
    """
    levels = {level.tap: level for level in fold_delta(delta).levels}
    if not levels:
        raise ValueError(
            "The head of this run reads no maps of the source. Train one with "
            "the head `levels`, the default. Received: "
            f"delta={delta.name!r}"
        )
    found = []
    for tap in taps:
        weights = np.zeros(tap.channels)
        if tap.name in levels:
            level = levels[tap.name]
            norms = np.linalg.norm(level.kernels[MEAN], axis=1)
            weights[level.channels] = norms
        found.append(weights)
    return np.concatenate(found)
