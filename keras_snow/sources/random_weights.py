"""New random weights for a network, whatever its file says of the old."""

import math
import random
from collections.abc import Sequence

import keras
from keras import layers
from keras import ops


def draw_weights(drawn: Sequence[layers.Layer], seed: int) -> None:
    """Draws all kernels by He's rule: a loaded file may not say how.

    Args:
        drawn: The layers.
        seed: Seed of the weights.
    """
    draws = keras.random.SeedGenerator(seed)
    for layer in drawn:
        if isinstance(layer, layers.BatchNormalization):
            size = layer.moving_mean.shape
            layer.moving_mean.assign(ops.zeros(size))
            layer.moving_variance.assign(ops.ones(size))
        for weight in layer.trainable_weights:
            if weight.name == "kernel":
                spread = (2 / _fan_in(layer, weight.shape)) ** 0.5
                weight.assign(
                    keras.random.normal(weight.shape, stddev=spread, seed=draws)
                )


def _fan_in(layer, shape):
    """Values that one output is a sum of."""
    if isinstance(layer, layers.DepthwiseConv2D):
        return math.prod(shape[:2])
    return math.prod(shape[:-1])


def redrawn(network: keras.Model) -> keras.Model:
    """Returns an equal network with new random weights.

    Which, follows from `keras.utils.set_random_seed`. Layers that hold
    constants (normalisation of the pixels) keep them.

    Args:
        network: A functional model.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> one = keras.Model(image, keras.layers.Conv2D(4, 3)(image))
        >>> redrawn(one).count_params() == one.count_params()
        True
    """
    copy = keras.models.clone_model(network, clone_function=_clone)
    draw_weights(copy.layers, random.randrange(1 << 31))
    for old, new in zip(network.layers, copy.layers, strict=True):
        if isinstance(old, layers.Normalization):
            new.set_weights(old.get_weights())
    return copy


def _clone(layer):
    # The layers of a source are frozen; what is frozen would not be drawn.
    return type(layer).from_config({**layer.get_config(), "trainable": True})
