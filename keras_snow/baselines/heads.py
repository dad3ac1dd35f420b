"""The final layer that most methods share, and the model around it."""

from typing import Any

import keras
from keras import layers

from keras_snow.core.checks import check_count
from keras_snow.models.classifier import Classifier
from keras_snow.sources.image_size import image_input


def classify(
    maps: Any, num_classes: int, dropout: float = 0.0, hidden: int = 0
) -> Any:
    """Averages maps and weighs the features for each class.

    Args:
        maps: `(batch, height, width, channels)`.
        num_classes: Number of classes.
        dropout: Share of the features that is dropped in training.
        hidden: Units of a layer between, normalised and with ReLU; 0 for none.

    Returns:
        Logits, `(batch, num_classes)`.
    """
    features = layers.GlobalAveragePooling2D(name="pool")(maps)
    if check_count("hidden", hidden, minimum=0):
        features = layers.Dense(hidden, use_bias=False, name="hidden")(features)
        features = layers.BatchNormalization(
            momentum=0.9, epsilon=1e-5, name="hidden_bn"
        )(features)
        features = layers.ReLU(name="hidden_relu")(features)
    features = layers.Dropout(dropout, name="dropout")(features)
    return layers.Dense(num_classes, name="logits")(features)


def classifier_on(
    body: layers.Layer,
    num_classes: int,
    dropout: float,
    name: str,
    hidden: int = 0,
) -> keras.Model:
    """Returns a model from raw RGB to logits, with a new final layer.

    Args:
        body: From raw RGB to maps.
        num_classes: Number of classes.
        dropout: Share of the features that is dropped in training.
        name: Of the model.
        hidden: As of `classify`.

    Examples:
        >>> body = layers.Conv2D(8, 3, name="body")
        >>> classifier_on(body, 5, 0.1, "small").output_shape
        (None, 5)
    """
    image = image_input(body)
    logits = classify(body(image), num_classes, dropout, hidden)
    return Classifier(image, logits, name=name)
