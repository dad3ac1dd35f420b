"""Every registered method: what it trains, what it leaves alone."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.baselines import METHODS
from keras_snow.baselines import build_method
from keras_snow.sources.source import Source


def a_source():
    image = keras.Input((None, None, 3))
    x = keras.layers.Rescaling(1 / 128, offset=-1.0)(image)
    x = keras.layers.Conv2D(8, 3, 2, "same", name="early")(x)
    x = keras.layers.BatchNormalization(name="early_bn")(x)
    x = keras.layers.Conv2D(16, 3, 2, "same", name="late")(x)
    return Source(keras.Model(image, x), ["early_bn", "late"])


def images(count=8):
    values = np.random.default_rng(0).uniform(0, 255, (count, 16, 16, 3))
    return values.astype("float32")


def values_of(weights):
    return [ops.convert_to_numpy(weight).copy() for weight in weights]


@pytest.mark.parametrize("name", METHODS.names())
def test_every_method_gives_logits_of_its_classes(name):
    model = build_method(name, a_source(), 5)
    assert model(images()).shape == (8, 5)


@pytest.mark.parametrize("name", METHODS.names())
def test_every_method_leaves_the_source_bit_identical(name):
    source = a_source()
    before = values_of(source.network.weights)
    model = build_method(name, source, 5)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.train_on_batch(images(), np.arange(8) % 5)
    for old, new in zip(before, values_of(source.network.weights), strict=True):
        np.testing.assert_array_equal(old, new)


def test_final_only_trains_the_final_layer_alone():
    model = build_method("fo", a_source(), 5)
    shapes = [tuple(weight.shape) for weight in model.trainable_weights]
    assert shapes == [(16, 5), (5,)]


def test_scratch_trains_a_network_of_its_own_from_other_weights():
    source = a_source()
    model = build_method("scratch", source, 5)
    own = [w for w in model.trainable_weights if w.shape == (3, 3, 3, 8)]
    theirs = source.network.get_layer("early").kernel
    assert len(own) == 1
    assert not np.allclose(own[0], theirs)


def test_scratch_draws_the_same_weights_for_the_same_seed():
    source = a_source()
    first, second = (
        values_of(build_method("scratch", source, 5, seed=3).weights[:1])[0]
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_an_unknown_method_names_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `snow`"):
        build_method("snw", a_source(), 5)
