"""Cross-entropy of each class by itself, for images with several classes."""

from typing import Any

import keras
from keras import ops

from keras_snow.core.checks import check_not_negative
from keras_snow.core.serialization import serializable


@serializable
class SigmoidCrossEntropy(keras.losses.Loss):
    """Cross-entropy of logits and rows of zeros and ones, by the sigmoid.

    Summed over the classes, where Keras' `BinaryCrossentropy` takes their mean:
    so a logit's gradient has the size that it has with one class an image, and
    the same learning rates suit. It is computed in float32 whatever the
    model's precision.

    Args:
        label_smoothing: Share of each label that is moved to a half, from 0 to
            below 1.
        **kwargs: Of `keras.losses.Loss`.

    Examples:
        >>> import numpy as np
        >>> loss = SigmoidCrossEntropy()
        >>> round(float(loss(np.array([[1, 0]]), np.zeros((1, 2)))), 4)
        1.3863
    """

    def __init__(self, label_smoothing: float = 0.0, **kwargs: Any) -> None:
        if check_not_negative("label_smoothing", label_smoothing) >= 1.0:
            raise ValueError(
                "`label_smoothing` must be at least 0 and below 1. "
                f"Received: label_smoothing={label_smoothing}"
            )
        kwargs.setdefault("name", "sigmoid_cross_entropy")
        super().__init__(**kwargs)
        self.label_smoothing = float(label_smoothing)

    def call(self, y_true, y_pred):
        """Returns the loss of each example.

        Args:
            y_true: Zeros and ones, `(batch, classes)`.
            y_pred: Logits, `(batch, classes)`.
        """
        y_true = ops.cast(y_true, "float32")
        y_true += self.label_smoothing * (0.5 - y_true)
        y_pred = ops.cast(y_pred, "float32")
        losses = ops.binary_crossentropy(y_true, y_pred, from_logits=True)
        return ops.sum(losses, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        config = super().get_config()
        config["label_smoothing"] = self.label_smoothing
        return config
