"""SubscribedDense: a linear head on standardised, chosen features."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.layers import ChannelPooling
from keras_snow.layers import SubscribedDense
from keras_snow.layers.map_statistics import steady_deviation
from tests.backends import call_compiled
from tests.backends import gradients_of
from tests.toys import plain

BINDINGS = ["rows", "slots", "rank", "fixed"]
SAMPLE = np.random.default_rng(2).normal(2, 3, (50, 12))


def layer_of(binding="rows", **options):
    """Returns a built layer that keeps 5 of 12 features."""
    pooling = ChannelPooling(
        k=5, sigma=0.0, binding=binding, seed=0, name="pooling"
    )
    layer = SubscribedDense(3, pooling, **options)
    layer.build((None, 12))
    draw = np.random.default_rng(0)
    layer.kernel.assign(draw.normal(size=layer.kernel.shape))
    pooling.importance.assign(draw.normal(1, 0.3, 12))
    layer.adapt(SAMPLE)
    return layer


def features():
    return np.random.default_rng(1).normal(2, 3, (4, 12)).astype("float32")


def reference(layer, inputs, gain=1.0):
    pooling = layer.subscription
    channels = pooling.selected_channels()
    kernel = ops.convert_to_numpy(layer.kernel.value)
    if pooling.binding == "rows":
        kernel = kernel[channels]
    deviation = steady_deviation(SAMPLE.std(axis=0))
    standard = gain * (inputs - SAMPLE.mean(axis=0)) / deviation
    importance = ops.convert_to_numpy(pooling.importance.value)
    return (standard * importance)[:, channels] @ kernel


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("binding", BINDINGS)
def test_weighs_the_chosen_standardised_features(binding, training):
    layer = layer_of(binding, gain=0.5)
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer(features(), training=training)),
        reference(layer, features(), gain=0.5),
        rtol=1e-4,
        atol=1e-5,
    )


def test_starts_at_zero():
    outputs = SubscribedDense(3, ChannelPooling(k=5))(features())
    assert not ops.convert_to_numpy(outputs).any()


def test_standardises_what_it_was_adapted_to():
    layer = SubscribedDense(2, ChannelPooling(k=1.0))
    layer.build((None, 2))
    layer.kernel.assign(np.eye(2))
    sample = np.array([[0.0, 10.0], [4.0, 30.0]])
    layer.adapt(sample)
    outputs = ops.convert_to_numpy(layer(sample.astype("float32")))
    # Deviations are 2 and 10, typical is 6.
    quarter = 6 / 4
    expected = [2 / np.hypot(2, quarter), 10 / np.hypot(10, quarter)]
    np.testing.assert_allclose(outputs, [np.negative(expected), expected], 1e-6)


@pytest.mark.parametrize("seldom", [0.0, 1e-4])
def test_a_feature_that_seldom_fires_does_not_drown_the_others(seldom):
    layer = SubscribedDense(3, ChannelPooling(k=1.0))
    layer.build((None, 3))
    layer.kernel.assign(np.eye(3))
    layer.adapt(np.array([[3.0, 0.0, 5.0], [3.0 + seldom, 1.0, 6.0]]))
    outputs = ops.convert_to_numpy(layer(np.array([[4.0, 0.5, 5]], "float32")))
    assert np.abs(outputs[0, 0]) == pytest.approx(8, rel=0.5)
    assert outputs[0, 1] == pytest.approx(0.0)


def test_features_that_never_vary_keep_their_scale():
    layer = SubscribedDense(2, ChannelPooling(k=1.0))
    layer.build((None, 2))
    layer.adapt(np.full((4, 2), 3.0))
    np.testing.assert_array_equal(layer.deviation, [1.0, 1.0])


def test_the_constants_are_saved_but_not_trained():
    layer = layer_of()
    trained = [variable.name for variable in layer.trainable_variables]
    assert sorted(trained) == ["importance", "kernel"]
    saved = [variable.name for variable in layer.weights]
    assert {"mean", "deviation"} <= set(saved)


def test_only_chosen_kernel_rows_get_a_gradient():
    layer = layer_of("rows")
    gradients = gradients_of(layer, ops.sum, features(), training=True)
    (kernel,) = [g for p, g in gradients.items() if p.endswith("/kernel")]
    (importance,) = [g for p, g in gradients.items() if "importance" in p]
    chosen = layer.subscription.selected_channels()
    assert np.abs(kernel[chosen]).min() > 0
    assert not np.delete(kernel, chosen, axis=0).any()
    assert not np.delete(importance, chosen).any()


def test_dropout_acts_in_training_only():
    layer = layer_of(dropout=0.5, seed=0)
    still = ops.convert_to_numpy(layer(features()))
    np.testing.assert_allclose(
        still, reference(layer, features()), rtol=1e-4, atol=1e-5
    )
    noisy = ops.convert_to_numpy(layer(features(), training=True))
    assert not np.allclose(still, noisy)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_is_near_float32(policy):
    expected = reference(layer_of(), features())
    outputs = layer_of(dtype=policy)(features())
    assert keras.backend.standardize_dtype(outputs.dtype) == policy[6:]
    np.testing.assert_allclose(
        ops.convert_to_numpy(ops.cast(outputs, "float32")), expected, atol=0.15
    )


@pytest.mark.parametrize("binding", BINDINGS)
def test_xla_gives_the_same(binding):
    layer = layer_of(binding)
    np.testing.assert_allclose(
        ops.convert_to_numpy(call_compiled(layer, features(), training=True)),
        ops.convert_to_numpy(layer(features(), training=True)),
        rtol=1e-4,
        atol=1e-5,
    )


@pytest.mark.parametrize("dropout", [-0.1, 1.0, float("nan")])
def test_a_dropout_that_is_no_share_is_refused(dropout):
    with pytest.raises(ValueError, match="Received: dropout="):
        SubscribedDense(3, dropout=dropout)


@pytest.mark.parametrize("binding", BINDINGS)
def test_a_saved_layer_gives_the_same(binding, tmp_path):
    inputs = keras.Input((12,))
    layer = layer_of(
        binding,
        kernel_regularizer=keras.regularizers.L2(0.1),
        gain=0.3,
        dropout=0.2,
        seed=4,
        name="head",
    )
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert plain(again.get_layer("head")) == plain(layer)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(again(features())),
        ops.convert_to_numpy(model(features())),
    )


def test_reads_mean_and_deviation_of_each_chosen_map():
    layer = SubscribedDense(4, ChannelPooling(k=2, sigma=0.0))
    maps = np.random.default_rng(3).normal(1, 2, (5, 4, 4, 6)).astype("float32")
    layer.build(maps.shape)
    layer.subscription.importance.assign([1.0, 3.0, 1.0, 1.0, 2.0, 1.0])
    layer.kernel.assign(np.random.default_rng(4).normal(size=(6, 2, 4)))
    chosen = maps[..., [1, 4]] * 1.0
    statistics = np.stack([chosen.mean((1, 2)), chosen.std((1, 2))], axis=1)
    kernel = ops.convert_to_numpy(layer.kernel.value)[[1, 4]]
    weighed = kernel * np.array([3.0, 2.0])[:, None, None]
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer(maps)),
        np.einsum("bsk,ksu->bu", statistics, weighed),
        rtol=1e-4,
        atol=1e-5,
    )


def test_standardises_both_statistics_of_a_map():
    layer = SubscribedDense(1, ChannelPooling(k=1.0))
    layer.build((None, 2, 2, 1))
    layer.adapt(np.array([[[1.0], [10.0]], [[3.0], [30.0]]]))
    np.testing.assert_allclose(layer.mean, [[2.0], [20.0]])
    expected = np.array([[1.0], [10.0]]) * np.sqrt(1 + 1 / 16)
    np.testing.assert_allclose(layer.deviation, expected, rtol=1e-6)
