"""Scratch: the source's architecture from random weights."""

import keras

from keras_snow.baselines.graphs import draw_weights
from keras_snow.baselines.graphs import rebuild_network
from keras_snow.baselines.heads import classify
from keras_snow.baselines.methods import register_method
from keras_snow.models.classifier import Classifier
from keras_snow.sources.image_size import image_input
from keras_snow.sources.source import Source


@register_method("scratch")
def from_scratch(
    source: Source, num_classes: int, seed: int = 0, hidden: int = 0
) -> keras.Model:
    """A copy of the source's network with new random weights, all trained.

    The source is left as it is. Layers that hold constants (normalisation of
    the pixels) keep them.

    Args:
        source: The source whose architecture is copied.
        num_classes: Number of classes.
        seed: Seed of the new weights.
        hidden: Units of a layer below the logits, normalised and with ReLU; 0
            for none.
    """
    network = rebuild_network(source)
    draw_weights(network.layers, seed)
    image = image_input(network)
    logits = classify(network(image), num_classes, hidden=hidden)
    return Classifier(image, logits, name="from_scratch")
