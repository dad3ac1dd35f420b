"""Classifier: a graph of layers from raw RGB to logits."""

import keras

from keras_snow.core.serialization import serializable
from keras_snow.models.guarded import Guarded


@serializable
class Classifier(Guarded, keras.Model):
    """A graph of layers from raw RGB to logits, as most methods build.

    Like any `keras.Model`, but it looks at losses, pixels and labels before
    Keras does anything. Its arguments are those of `keras.Model`.

    Call arguments:
        - `inputs`: Raw RGB, `(batch, height, width, 3)`, values 0 to 255.

    Output shape:
        `(batch, num_classes)`, logits

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> logits = keras.layers.Dense(2)(keras.layers.Flatten()(image))
        >>> model = Classifier(image, logits)
        >>> loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        >>> model.compile("sgd", loss)
    """

    is_network = True
    """Whether a file of it can be a source, too."""
