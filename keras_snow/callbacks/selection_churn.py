"""SelectionChurn: how much the selections of channel pooling still move."""

from typing import Any

import keras
import numpy as np

from keras_snow.callbacks.choices import choices_of


class SelectionChurn(keras.callbacks.Callback):
    """Adds to an epoch's logs how much of the selections has changed.

    `churn_set` is the share of the chosen channels that were not chosen an
    epoch ago, `churn_slots` the share of the output positions that hold another
    channel; both are means over the layers with `selected_channels()`. Models
    without such layers get neither.

    Examples:
        >>> set_change(np.array([1, 2, 3, 4]), np.array([2, 1, 3, 9]))
        0.25
    """

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Looks at the selections that the run starts from."""
        self._layers = list(choices_of(self.model).values())
        self._before = self._select()

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Compares the selections with those of the epoch before."""
        if logs is None or not self._layers:
            return
        now = self._select()
        pairs = list(zip(self._before, now, strict=True))
        logs["churn_set"] = float(np.mean([set_change(*x) for x in pairs]))
        logs["churn_slots"] = float(np.mean([slot_change(*x) for x in pairs]))
        self._before = now

    def _select(self):
        return [np.asarray(x.selected_channels()) for x in self._layers]


def set_change(before: np.ndarray, after: np.ndarray) -> float:
    """Returns the share of `after` that is not in `before`."""
    return float(np.mean(~np.isin(after, before)))


def slot_change(before: np.ndarray, after: np.ndarray) -> float:
    """Returns the share of positions that hold another channel."""
    return float(np.mean(before != after))
