"""Poolings that several tests share."""

import numpy as np

from keras_snow.layers import ChannelPooling

CHOOSING = ["rows", "slots", "rank"]


def pooling_of(importance, **options):
    """Returns a built layer with these importances."""
    layer = ChannelPooling(**options)
    layer.build((None, None, None, len(importance)))
    layer.importance.assign(np.array(importance, "float32"))
    return layer


def random_importance(channels, seed=0):
    return np.random.default_rng(seed).normal(1, 0.05, channels)
