"""Scratch: the source's architecture from random weights."""

import keras
from keras import layers
from keras import ops

from keras_snow.baselines.methods import METHODS
from keras_snow.sources.source import Source


@METHODS.register("scratch")
def from_scratch(
    source: Source, num_classes: int, seed: int = 0
) -> keras.Model:
    """A copy of the source's network with new random weights, all trained.

    The source is left as it is. Layers that hold constants (normalisation of
    the pixels) keep them.

    Args:
        source: The source whose architecture is copied.
        num_classes: Number of classes.
        seed: Seed of the new weights.
    """
    last = source.taps[-1].name
    network = keras.models.clone_model(source.select([last]).network)
    for layer in network.layers:
        layer.trainable = True
    network.trainable = True
    _keep_constants(source.network, network)
    _draw_again(network, seed)
    image = keras.Input((None, None, 3), name="image")
    features = layers.GlobalAveragePooling2D(name="pool")(network(image)[last])
    logits = layers.Dense(num_classes, name="logits")(features)
    return keras.Model(image, logits, name="from_scratch")


def _keep_constants(original, network):
    for layer in network.layers:
        if isinstance(layer, (layers.Normalization, layers.Rescaling)):
            layer.set_weights(original.get_layer(layer.name).get_weights())


def _draw_again(network, seed):
    """Draws all kernels by He's rule: a loaded file may not say how."""
    draws = keras.random.SeedGenerator(seed)
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            size = layer.moving_mean.shape
            layer.moving_mean.assign(ops.zeros(size))
            layer.moving_variance.assign(ops.ones(size))
        for weight in layer.trainable_weights:
            if weight.name == "kernel":
                fan_in = int(ops.prod(weight.shape[:-1]))
                weight.assign(
                    keras.random.normal(
                        weight.shape, stddev=(2 / fan_in) ** 0.5, seed=draws
                    )
                )
