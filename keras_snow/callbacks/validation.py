"""Validation: scores the validation split after each epoch."""

import math
from typing import Any

import keras
import numpy as np

from keras_snow.callbacks.divergence_guard import divergence_message
from keras_snow.callbacks.run_state import RunState
from keras_snow.callbacks.scoring import predict_logits
from keras_snow.callbacks.scoring import score


class Validation(keras.callbacks.Callback):
    """Adds `val_top1`, `val_top5` and `val_loss` to an epoch's logs.

    Of images with several classes they are `val_map`, `val_f1` and `val_loss`.

    Args:
        data: Images in the order of `labels`; what `Batches.data` holds.
        labels: Class numbers, or rows of zeros and ones.
        state: The run's state.
        answering: What is scored; the model that is trained if None.

    Examples:
        >>> Validation([], np.array([0, 1]), RunState()).labels
        array([0, 1])
    """

    def __init__(
        self,
        data: Any,
        labels: np.ndarray,
        state: RunState,
        answering: keras.Model | None = None,
    ) -> None:
        super().__init__()
        self.data = data
        self.labels = labels
        self.state = state
        self.answering = answering

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Scores the model, unless the run diverged, which this may show."""
        if logs is None or self.state.problem:
            return
        result = score(self.predict(), self.labels)
        if not math.isfinite(result["loss"]):
            # Weights may be finite, and moving statistics not.
            self.state.problem = divergence_message(
                "validation loss", epoch, "the end"
            )
            self.model.stop_training = True
            return
        for name in result.keys() - {"count"}:
            logs[f"val_{name}"] = result[name]

    def predict(self) -> np.ndarray:
        """Returns the model's logits of the images, in their order."""
        return predict_logits(self.answering or self.model, self.data)
