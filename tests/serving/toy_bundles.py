"""A source and deltas that differ, for the tests of serving."""

import keras
import numpy as np

from keras_snow.deltas import DeltaSettings
from keras_snow.deltas import ResNetDelta
from keras_snow.serving import Bundle
from keras_snow.sources import Source
from tests.toys import SETTINGS
from tests.toys import residual_network

CLASSES = {"birds": 3, "cars": 4, "food": 5}


def stir(delta, seed):
    """Gives weights, choices and statistics as if they had been trained."""
    draw = np.random.default_rng(seed)
    for layer in delta.standardised:
        shape = layer.mean.shape
        layer.mean.assign(draw.uniform(0, 1, shape))
        layer.deviation.assign(draw.uniform(0.5, 2, shape))
    for pooling in delta.poolings:
        if pooling.normalise:
            shape = pooling.deviation.shape
            pooling.deviation.assign(draw.uniform(0.5, 2, shape))
        if pooling.binding in ("slots", "fixed"):
            channels, kept = pooling.channels, pooling.slots.shape[0]
            pooling.slots.assign(draw.permutation(channels)[:kept])
    for variable in delta.trainable_variables:
        value = np.array(variable.value)
        variable.assign(value + draw.normal(0, 0.1, value.shape))
    for layer in delta.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.moving_mean.shape
            layer.moving_mean.assign(draw.normal(0, 0.3, shape))
            layer.moving_variance.assign(draw.uniform(0.5, 2.0, shape))
    return delta


def toy_delta(source, num_classes=3, seed=0, **settings):
    """Returns a delta of a source that could have been trained."""
    settings = DeltaSettings(**{**SETTINGS, "head": "levels", **settings})
    delta = ResNetDelta(source.taps, num_classes, settings)
    cut = source.select(delta.tap_names)
    delta.source_fingerprint = cut.fingerprint
    return stir(delta, seed)


def toy_source(seed=0):
    """Returns a source with the four taps of the toy network."""
    return Source(residual_network(seed))


def toy_bundle(names=("birds", "cars", "food")):
    """Returns a bundle in memory; "cars" reads one tap less."""
    bundle = Bundle(toy_source())
    for seed, name in enumerate(names):
        head = "delta" if name == "cars" else "levels"
        delta = toy_delta(bundle.source, CLASSES[name], seed, head=head)
        bundle.add(name, delta)
    return bundle
