"""The final layer that most methods share."""

from typing import Any

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
