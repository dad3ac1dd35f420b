"""The final layer that most methods share, and the model around it."""

from typing import Any

import keras
from keras import layers


def classify(maps: Any, num_classes: int, dropout: float = 0.0) -> Any:
    """Averages maps and weighs the features for each class.

    Args:
        maps: `(batch, height, width, channels)`.
        num_classes: Number of classes.
        dropout: Share of the features that is dropped in training.

    Returns:
        Logits, `(batch, num_classes)`.
    """
    features = layers.GlobalAveragePooling2D(name="pool")(maps)
    features = layers.Dropout(dropout, name="dropout")(features)
    return layers.Dense(num_classes, name="logits")(features)


def classifier_on(
    body: layers.Layer, num_classes: int, dropout: float, name: str
) -> keras.Model:
    """Returns a model from raw RGB to logits, with a new final layer.

    Args:
        body: From raw RGB to maps.
        num_classes: Number of classes.
        dropout: Share of the features that is dropped in training.
        name: Of the model.

    Examples:
        >>> body = layers.Conv2D(8, 3, name="body")
        >>> classifier_on(body, 5, 0.1, "small").output_shape
        (None, 5)
    """
    image = keras.Input((None, None, 3), name="image")
    logits = classify(body(image), num_classes, dropout)
    return keras.Model(image, logits, name=name)
