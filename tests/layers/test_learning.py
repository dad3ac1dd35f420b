"""Channel pooling finds the channels that carry the answer."""

import keras
import numpy as np
import pytest

from keras_snow.layers import ChannelPooling
from keras_snow.layers import SubscribedDense

CHANNELS, PLANTED, CLASSES = 64, 6, 3


def planted_task(seed=0, count=384):
    """Returns features of which six tell the class, and which these are."""
    draw = np.random.default_rng(seed)
    informative = draw.choice(CHANNELS, PLANTED, replace=False)
    labels = np.arange(count) % CLASSES
    features = draw.normal(size=(count, CHANNELS))
    centres = draw.normal(0, 2.0, (CLASSES, PLANTED))
    features[:, informative] += centres[labels]
    return features.astype("float32"), labels.astype("int32"), informative


def learned_channels(binding, seed=0):
    features, labels, informative = planted_task(seed)
    pooling = ChannelPooling(
        k=8, sigma=0.05, binding=binding, speed=3.0, seed=seed, name="pooling"
    )
    inputs = keras.Input((CHANNELS,))
    model = keras.Model(inputs, SubscribedDense(CLASSES, pooling)(inputs))
    model.compile(
        keras.optimizers.SGD(0.1, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    keras.utils.set_random_seed(seed)
    model.fit(features, labels, batch_size=32, epochs=40, verbose=0)
    return pooling.selected_channels(), informative


@pytest.mark.parametrize("binding", ["rows", "slots"])
def test_planted_channels_are_found(binding):
    chosen, informative = learned_channels(binding)
    recall = len(set(chosen) & set(informative)) / PLANTED
    assert recall >= 0.8
