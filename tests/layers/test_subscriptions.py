"""The rivals of channel pooling, and what every subscription has to keep."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.layers import SUBSCRIPTIONS
from keras_snow.layers import AttentionSubscription
from keras_snow.layers import FullSubscription
from keras_snow.layers import PointwiseSubscription
from keras_snow.layers import SubscribedConv2D
from keras_snow.layers import SubscribedDense
from keras_snow.layers.map_statistics import steady_deviation
from tests.backends import call_compiled
from tests.toys import plain

EVERY = pytest.mark.parametrize("name", SUBSCRIPTIONS.names())
RIVALS = pytest.mark.parametrize(
    "layer",
    [FullSubscription(), PointwiseSubscription(4), AttentionSubscription(2)],
)


def subscription_of(name):
    return SUBSCRIPTIONS.get(name).from_settings(
        name=f"tap_{name}", k=4, sigma=0.0, binding="slots", speed=1.0, seed=2
    )


def maps(*shape):
    values = np.random.default_rng(0).normal(0.5, 1.0, shape)
    return values.astype("float32")


def numpy(value):
    return ops.convert_to_numpy(value)


def unsettle(layer):
    draw = np.random.default_rng(1)
    for variable in layer.trainable_variables:
        variable.assign(draw.normal(0, 0.5, variable.shape))


def test_full_subscription_hands_on_every_map():
    tap = maps(2, 3, 3, 8)
    np.testing.assert_array_equal(numpy(FullSubscription()(tap)), tap)


def test_pointwise_subscription_is_a_convolution():
    layer, tap = PointwiseSubscription(4, seed=0), maps(2, 3, 3, 8)
    layer.build(tap.shape)
    kernel = numpy(layer.kernel)
    expected = np.einsum("bhwc,ck->bhwk", tap, kernel)
    np.testing.assert_allclose(numpy(layer(tap)), expected, rtol=1e-4)


def test_attention_weighs_maps_by_their_mean_and_maximum():
    layer, tap = AttentionSubscription(2, seed=0), maps(2, 3, 3, 8)
    layer.build(tap.shape)
    unsettle(layer)
    first, bias, second, last = (numpy(v) for v in layer.trainable_variables)

    def perceptron(pooled):
        return np.maximum(pooled @ first + bias, 0) @ second + last

    answers = perceptron(tap.mean((1, 2))) + perceptron(tap.max((1, 2)))
    weights = 1 / (1 + np.exp(-answers))
    np.testing.assert_allclose(
        numpy(layer(tap)), tap * weights[:, None, None], rtol=1e-4, atol=1e-5
    )


def test_attention_starts_with_equal_weights():
    tap = maps(2, 3, 3, 8)
    np.testing.assert_allclose(numpy(AttentionSubscription()(tap)), tap / 2)


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        (FullSubscription(), 0),
        (PointwiseSubscription(0.125), 64 * 8),
        (AttentionSubscription(8), 2 * 64 * 8 + 8 + 64),
    ],
)
def test_a_tap_of_64_maps_costs_so_many_parameters(layer, count):
    layer.build((None, 7, 7, 64))
    assert layer.count_params() == count


def test_pointwise_cannot_make_more_maps_than_the_tap_has():
    with pytest.raises(ValueError, match="Received: k=9, channels=8"):
        PointwiseSubscription(9)(maps(1, 2, 2, 8))


@EVERY
def test_every_subscription_says_how_many_maps_it_hands_on(name):
    layer, tap = subscription_of(name), maps(2, 3, 3, 8)
    outputs = layer(tap)
    assert outputs.shape == (2, 3, 3, layer.num_maps(8))
    assert layer.compute_output_shape(tap.shape) == tuple(outputs.shape)


@EVERY
def test_every_subscription_reads_pooled_features(name):
    layer = subscription_of(name)
    assert layer(maps(2, 8)).shape == (2, layer.num_maps(8))


@EVERY
def test_every_subscription_comes_back_from_its_configuration(name):
    layer, tap = subscription_of(name), maps(2, 3, 3, 8)
    outputs = layer(tap)
    again = type(layer).from_config(plain(layer))
    again.build(tap.shape)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(numpy(again(tap)), numpy(outputs))


@EVERY
def test_every_subscription_draws_the_same_weights_for_the_same_seed(name):
    first, second = subscription_of(name), subscription_of(name)
    first.build((None, 3, 3, 8))
    second.build((None, 3, 3, 8))
    for one, other in zip(first.weights, second.weights, strict=True):
        np.testing.assert_array_equal(numpy(one), numpy(other))


@EVERY
def test_xla_gives_the_same_maps(name):
    layer, tap = subscription_of(name), maps(2, 3, 3, 8)
    outputs = numpy(layer(tap))
    compiled = call_compiled(layer, tap, training=False)
    np.testing.assert_allclose(numpy(compiled), outputs, rtol=1e-4, atol=1e-5)


@RIVALS
def test_a_convolution_reads_the_concatenation(layer):
    tap, local = maps(2, 3, 3, 8), maps(2, 3, 3, 5)
    reader = SubscribedConv2D(6, subscription=layer)
    outputs = numpy(reader(tap, local))
    kernel = np.concatenate([numpy(reader.kernel), numpy(reader.local_kernel)])
    both = np.concatenate([numpy(layer(tap)), local], axis=-1)
    np.testing.assert_allclose(outputs, both @ kernel, rtol=1e-3, atol=1e-4)


@RIVALS
def test_a_head_standardises_before_the_products(layer):
    features = maps(50, 8)
    head = SubscribedDense(3, layer.from_config(layer.get_config()), gain=1.0)
    head.build(features.shape)
    head.adapt(features)
    head.kernel.assign(maps(*head.kernel.shape))
    deviation = steady_deviation(features.std(0))
    standard = (features - features.mean(0)) / deviation
    expected = numpy(head.subscription(standard)) @ numpy(head.kernel)
    np.testing.assert_allclose(
        numpy(head(features)), expected, rtol=1e-3, atol=1e-3
    )


def test_an_unknown_subscription_names_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `attention`"):
        SUBSCRIPTIONS.get("atention")


def test_subscriptions_load_back_without_custom_objects(tmp_path):
    image = keras.Input((4, 4, 8))
    for name in SUBSCRIPTIONS.names():
        model = keras.Model(image, subscription_of(name)(image))
        path = tmp_path / f"{name}.keras"
        model.save(path)
        again = keras.saving.load_model(path)
        tap = maps(2, 4, 4, 8)
        np.testing.assert_array_equal(numpy(again(tap)), numpy(model(tap)))
