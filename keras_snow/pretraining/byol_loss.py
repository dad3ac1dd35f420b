"""What BYOL makes small, and what shows that it has not cheated."""

from typing import Any

import keras
from keras import ops


class ByolLoss(keras.losses.Loss):
    """Squared distance of unit predictions from the other view's target.

    The two views take turns, and the distances are summed: 0 to 8.

    Examples:
        >>> vectors = np.array([[[1.0, 0], [1, 0], [1, 0], [0, 1]]])
        >>> float(ByolLoss()(np.zeros(1), vectors))
        2.0
    """

    def call(self, y_true, y_pred):
        """Returns the loss of each image.

        Args:
            y_true: Not used.
            y_pred: What `ByolModel` gives.
        """
        del y_true
        unit = ops.normalize(ops.cast(y_pred, "float32"), axis=-1)
        first = ops.sum(unit[:, 0] * unit[:, 3], axis=-1)
        second = ops.sum(unit[:, 1] * unit[:, 2], axis=-1)
        return 4.0 - 2.0 * (first + second)


class Spread(keras.metrics.Mean):
    """How far apart the unit projections of different images lie.

    The mean deviation of a coordinate, times the root of their number: about 1
    if they fill the sphere evenly, 0 if all are the same.

    Args:
        name: As of `keras.metrics.Metric`.

    Examples:
        >>> same = np.ones((8, 4, 16))
        >>> metric = Spread()
        >>> _ = metric.update_state(np.zeros(8), same)
        >>> float(metric.result())
        0.0
    """

    def __init__(self, name: str = "spread") -> None:
        super().__init__(name=name)

    def update_state(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> Any:
        """Takes the projections of a batch.

        Args:
            y_true: Not used.
            y_pred: What `ByolModel` gives.
            sample_weight: Not used.
        """
        del y_true, sample_weight
        unit = ops.normalize(ops.cast(y_pred[:, 2:], "float32"), axis=-1)
        spread = ops.mean(ops.std(unit, axis=0))
        return super().update_state(spread * unit.shape[-1] ** 0.5)
