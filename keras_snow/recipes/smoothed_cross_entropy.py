"""Cross-entropy of integer labels with label smoothing."""

from typing import Any

import keras
from keras import ops

from keras_snow.core.serialization import serializable


@serializable
class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy of logits and class numbers, with smoothed labels.

    Keras smooths one-hot labels only. With `label_smoothing` of 0 it equals
    `SparseCategoricalCrossentropy(from_logits=True)`. It is computed in
    float32 whatever the model's precision.

    Args:
        label_smoothing: Share of the probability that is spread evenly over
            all classes, from 0 to below 1.
        **kwargs: Of `keras.losses.Loss`.

    Examples:
        >>> import numpy as np
        >>> loss = SmoothedCrossEntropy(0.0)
        >>> round(float(loss(np.array([0]), np.zeros((1, 2)))), 4)
        0.6931
    """

    def __init__(self, label_smoothing: float = 0.0, **kwargs: Any) -> None:
        if not 0.0 <= label_smoothing < 1.0:
            raise ValueError(
                "`label_smoothing` must be at least 0 and below 1. "
                f"Received: label_smoothing={label_smoothing}"
            )
        kwargs.setdefault("name", "smoothed_cross_entropy")
        super().__init__(**kwargs)
        self.label_smoothing = float(label_smoothing)

    def call(self, y_true, y_pred):
        """Returns the loss of each example.

        Args:
            y_true: Class numbers, `(batch,)` or `(batch, 1)`.
            y_pred: Logits, `(batch, classes)`.
        """
        y_true = ops.cast(y_true, "int32")
        if len(y_true.shape) == len(y_pred.shape):
            y_true = ops.squeeze(y_true, axis=-1)
        y_pred = ops.cast(y_pred, "float32")
        likelihood = ops.sparse_categorical_crossentropy(
            y_true, y_pred, from_logits=True
        )
        if not self.label_smoothing:
            return likelihood
        spread = -ops.mean(ops.log_softmax(y_pred, axis=-1), axis=-1)
        smoothing = self.label_smoothing
        return (1.0 - smoothing) * likelihood + smoothing * spread

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        config = super().get_config()
        config["label_smoothing"] = self.label_smoothing
        return config
