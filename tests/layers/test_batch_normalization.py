"""BatchNormalization and GlobalPooling against the layers of Keras."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.layers.batch_normalization import BatchNormalization
from keras_snow.layers.global_pooling import GlobalPooling
from tests.backends import call_compiled
from tests.backends import gradients_of

SHAPES = [(4, 3, 3, 5), (2, 1, 1, 5), (1, 2, 3, 5)]


def maps_of(shape):
    return np.random.default_rng(0).normal(3, 2, shape).astype("float32")


def pair_of(channels=5, **options):
    """Returns our layer and Keras', with equal weights."""
    pair = (
        BatchNormalization(**options),
        keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, **options),
    )
    draw = np.random.default_rng(1)
    weights = [draw.uniform(0.5, 2, channels) for _ in range(4)]
    for layer in pair:
        layer.build((None, None, None, channels))
        layer.set_weights(weights)
    return pair


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_keras_and_keeps_the_same_statistics(shape, training):
    ours, theirs = pair_of()
    for _ in range(2):
        one = ops.convert_to_numpy(ours(maps_of(shape), training=training))
        other = ops.convert_to_numpy(theirs(maps_of(shape), training=training))
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)
    for one, other in zip(
        ours.get_weights(), theirs.get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-4)


def test_its_gradients_are_those_of_keras():
    some, others = (
        gradients_of(
            layer,
            lambda x: ops.sum(x**3),
            maps_of(SHAPES[0]),
            training=True,
        )
        for layer in pair_of()
    )
    assert len(some) == 2
    for one, other in zip(some.values(), others.values(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


def test_xla_keeps_the_same_statistics():
    compiled, plain = pair_of()
    call_compiled(compiled, maps_of(SHAPES[0]), training=True)
    plain(maps_of(SHAPES[0]), training=True)
    for one, other in zip(
        compiled.get_weights(), plain.get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-4)


def test_a_frozen_layer_keeps_its_statistics():
    layer, _ = pair_of()
    layer.trainable = False
    before = layer.get_weights()
    layer(maps_of(SHAPES[0]), training=True)
    for one, other in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_is_near_float32(policy):
    ours, _ = pair_of(dtype=policy)
    theirs = pair_of()[1]
    maps = maps_of(SHAPES[0])
    outputs = ours(maps, training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == policy[6:]
    np.testing.assert_allclose(
        ops.convert_to_numpy(ops.cast(outputs, "float32")),
        ops.convert_to_numpy(theirs(maps, training=True)),
        atol=0.06,
    )
    for weight in ours.weights:
        assert weight.dtype == "float32"


def test_its_configuration_makes_it_again():
    layer = BatchNormalization(momentum=0.5, name="normalised")
    config = keras.saving.serialize_keras_object(layer)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is BatchNormalization
    assert again.get_config() == layer.get_config()


@pytest.mark.parametrize("shape", SHAPES)
def test_global_pooling_is_the_mean_of_each_map(shape):
    maps = maps_of(shape)
    np.testing.assert_allclose(
        ops.convert_to_numpy(GlobalPooling()(maps)),
        maps.mean(axis=(1, 2)),
        rtol=1e-5,
    )


def test_global_pooling_takes_maps_of_unknown_size():
    outputs = GlobalPooling()(keras.KerasTensor((None, None, None, 5)))
    assert outputs.shape == (None, 5)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_global_pooling_does_not_lose_precision_with_the_image_size(policy):
    maps = np.full((1, 112, 112, 2), 100.0, "float32")
    outputs = GlobalPooling(dtype=policy)(maps)
    np.testing.assert_allclose(
        ops.convert_to_numpy(ops.cast(outputs, "float32")), 100.0, rtol=5e-3
    )
