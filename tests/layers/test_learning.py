"""Channel pooling finds the channels that carry the answer."""

import keras
import numpy as np
import pytest

from keras_snow.layers import ChannelPooling
from keras_snow.layers import SubscribedDense

CHANNELS, PLANTED = 64, 6


def planted_task(seed=0, count=512):
    """Returns features, what six of them add up to, and which these are."""
    draw = np.random.default_rng(seed)
    informative = draw.choice(CHANNELS, PLANTED, replace=False)
    features = draw.normal(size=(count, CHANNELS)).astype("float32")
    signs = draw.choice([-1.0, 1.0], PLANTED)
    return features, features[:, informative] @ signs, informative


def learned_channels(binding, seed=0):
    features, targets, informative = planted_task(seed)
    pooling = ChannelPooling(
        k=8, sigma=0.05, binding=binding, speed=3.0, seed=seed, name="pooling"
    )
    inputs = keras.Input((CHANNELS,))
    model = keras.Model(inputs, SubscribedDense(1, pooling)(inputs))
    model.compile(keras.optimizers.SGD(0.01, momentum=0.5), "mse")
    keras.utils.set_random_seed(seed)
    model.fit(features, targets, batch_size=32, epochs=40, verbose=0)
    return pooling.selected_channels(), informative


@pytest.mark.parametrize("binding", ["rows", "slots"])
def test_planted_channels_are_found(binding):
    chosen, informative = learned_channels(binding)
    recall = len(set(chosen) & set(informative)) / PLANTED
    assert recall >= 0.8
