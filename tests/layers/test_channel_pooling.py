"""ChannelPooling against Algorithm 1 and the traps that lie in it."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.layers import ChannelPooling
from keras_snow.layers.map_statistics import map_statistics
from keras_snow.layers.map_statistics import steady_deviation
from tests.backends import call_compiled
from tests.backends import gradients_of
from tests.layers.poolings import CHOOSING
from tests.layers.poolings import pooling_of
from tests.layers.poolings import random_importance


def maps_of(*values):
    """Returns one pixel with these channels."""
    return np.array(values, "float32").reshape(1, 1, 1, -1)


def algorithm_1(maps, importance, noise, k):
    """The paper's Algorithm 1, line by line, in NumPy."""
    score = importance + noise
    chosen = sorted(range(len(score)), key=lambda i: -score[i])[:k]
    return np.stack([maps[..., i] * importance[i] for i in chosen], axis=-1)


def test_keeps_the_most_important_maps():
    layer = pooling_of([0.1, 3.0, 0.2, 2.0], k=2)
    outputs = ops.convert_to_numpy(layer(maps_of(1, 2, 3, 4)))
    np.testing.assert_allclose(outputs, maps_of(6, 8))


def test_all_maps_are_handed_on_as_they_lie():
    layer = pooling_of([0.1, 3.0, 0.2, 2.0], k=4, sigma=1.0)
    maps = ops.convert_to_tensor(maps_of(1, 2, 3, 4))
    chosen = layer.subscribe(maps, training=True)
    assert chosen.maps is maps
    outputs = ops.convert_to_numpy(layer(maps, training=True))
    np.testing.assert_allclose(outputs, maps_of(0.1, 6, 0.6, 8), rtol=1e-6)
    assert layer.selected_channels().tolist() == [0, 1, 2, 3]


def test_maps_are_divided_by_the_deviation_that_was_measured():
    maps = np.random.default_rng(0).normal(3, [1, 5, 2, 9], (6, 4, 4, 4))
    maps[..., 2] = 7.0  # A constant map is not divided by zero.
    layer = pooling_of([1.0, 2.0, 3.0, 4.0], k=4, normalise=True)
    layer.adapt(map_statistics(maps))
    deviation = steady_deviation(maps.std(axis=(0, 1, 2)))
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer(maps.astype("float32"))),
        maps * [1, 2, 3, 4] / deviation,
        rtol=1e-4,
    )


def test_without_normalising_nothing_is_measured():
    layer = pooling_of([1.0, 2.0], k=2)
    layer.adapt(np.full((4, 2, 2), 9.0))
    outputs = ops.convert_to_numpy(layer(maps_of(3, 4)))
    np.testing.assert_allclose(outputs, maps_of(3, 8))


def test_rank_order_is_by_score():
    layer = pooling_of([0.1, 2.0, 0.2, 3.0], k=2, binding="rank")
    outputs = ops.convert_to_numpy(layer(maps_of(1, 2, 3, 4)))
    np.testing.assert_allclose(outputs, maps_of(12, 4))
    np.testing.assert_array_equal(layer.selected_channels(), [3, 1])


def test_rows_come_out_sorted_by_channel():
    layer = pooling_of([5.0, 1.0, 9.0, 8.0], k=3, binding="rows")
    np.testing.assert_array_equal(layer.selected_channels(), [0, 2, 3])


def test_a_kept_map_keeps_its_slot_and_a_newcomer_fills_the_gap():
    layer = pooling_of([1.0, 2.0, 3.0, 0.0], k=3, binding="slots", sigma=0.0)
    np.testing.assert_array_equal(layer.selected_channels(), [0, 1, 2])
    layer.importance.assign([1.0, 0.0, 3.0, 9.0])
    np.testing.assert_array_equal(layer.selected_channels(), [0, 3, 2])
    np.testing.assert_array_equal(ops.convert_to_numpy(layer.slots), [0, 1, 2])
    layer(maps_of(1, 2, 3, 4), training=True)
    np.testing.assert_array_equal(ops.convert_to_numpy(layer.slots), [0, 3, 2])


def test_fixed_channels_are_never_chosen_anew():
    layer = pooling_of([1.0, 2.0, 3.0, 4.0], k=2, binding="fixed", sigma=9.0)
    layer.slots.assign([2, 0])
    outputs = ops.convert_to_numpy(layer(maps_of(1, 2, 3, 4), training=True))
    np.testing.assert_allclose(outputs, maps_of(9, 1))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("binding", CHOOSING)
def test_agrees_with_algorithm_1(binding, training):
    channels, k, sigma = 24, 7, 0.2
    importance = random_importance(channels).astype("float32")
    layer = pooling_of(importance, k=k, sigma=sigma, binding=binding, seed=5)
    noise = np.zeros(channels)
    if training:
        drawn = keras.random.normal(
            (channels,), seed=keras.random.SeedGenerator(5)
        )
        noise = sigma * ops.convert_to_numpy(drawn)
    maps = np.random.default_rng(1).normal(size=(2, 3, 3, channels))
    outputs = ops.convert_to_numpy(layer(maps, training=training))
    expected = algorithm_1(maps, importance, noise, k)
    if binding != "rank":  # The same maps; their order is the binding's.
        outputs = np.sort(outputs, axis=-1)
        expected = np.sort(expected, axis=-1)
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("binding", CHOOSING)
def test_noise_is_in_the_choice_only(binding):
    importance = np.arange(1.0, 17.0)
    layer = pooling_of(importance, k=4, sigma=50.0, binding=binding, seed=0)
    for _ in range(5):
        outputs = ops.convert_to_numpy(
            layer(np.ones((1, 1, 1, 16)), training=True)
        )
        assert set(outputs.ravel()) <= set(importance)


@pytest.mark.parametrize("binding", CHOOSING)
def test_there_is_noise_in_training_only(binding):
    layer = pooling_of(
        random_importance(64), k=8, sigma=1.0, binding=binding, seed=0
    )
    maps = np.random.default_rng(0).normal(size=(1, 1, 1, 64))
    still = ops.convert_to_numpy(layer(maps, training=False))
    noisy = ops.convert_to_numpy(layer(maps, training=True))
    again = np.sort(ops.convert_to_numpy(layer(maps, training=False)))
    assert not np.allclose(np.sort(still), np.sort(noisy))
    np.testing.assert_array_equal(np.sort(still), again)


@pytest.mark.parametrize("quiet", ["sigma", "noise_scale"])
@pytest.mark.parametrize("binding", CHOOSING)
def test_without_noise_training_equals_inference(binding, quiet):
    sigma = 0.0 if quiet == "sigma" else 1.0
    layer = pooling_of(random_importance(64), k=8, sigma=sigma, binding=binding)
    if quiet == "noise_scale":
        layer.noise_scale.assign(0.0)
    maps = np.random.default_rng(0).normal(size=(2, 2, 2, 64))
    trained = ops.convert_to_numpy(layer(maps, training=True))
    np.testing.assert_array_equal(
        trained, ops.convert_to_numpy(layer(maps, training=False))
    )


def test_every_map_gets_its_chance_at_the_start():
    layer = ChannelPooling(k=0.125, seed=0)
    layer.build((None, 64))
    layer.importance.assign(np.ones(64))
    tried = set()
    for _ in range(120):
        outputs = layer(np.arange(64.0)[None], training=True)
        tried |= set(ops.convert_to_numpy(outputs).ravel())
    assert len(tried) == 64


def test_slot_changes_never_exceed_set_changes():
    layer = pooling_of(
        random_importance(64), k=16, sigma=0.05, binding="slots", seed=0
    )
    before = np.array(ops.convert_to_numpy(layer.slots))
    moved = 0
    for _ in range(40):
        layer(np.ones((1, 64), "float32"), training=True)
        slots = np.array(ops.convert_to_numpy(layer.slots))
        newcomers = set(slots) - set(before)
        assert len(set(slots)) == 16
        assert (slots != before).sum() == len(newcomers)
        moved += len(newcomers)
        before = slots
    assert moved > 0


@pytest.mark.parametrize("binding", CHOOSING)
def test_only_chosen_importances_get_a_gradient(binding):
    importance = random_importance(32)
    layer = pooling_of(importance, k=5, sigma=0.0, binding=binding)
    maps = np.random.default_rng(0).uniform(1, 2, (2, 3, 3, 32))
    gradients = gradients_of(layer, ops.sum, maps, training=True)
    (gradient,) = gradients.values()
    chosen = np.argsort(-importance)[:5]
    np.testing.assert_allclose(
        gradient[chosen], maps.sum(axis=(0, 1, 2))[chosen], rtol=1e-5
    )
    assert not np.delete(gradient, chosen).any()


def test_speed_multiplies_the_gradient_and_leaves_the_value():
    maps = np.ones((1, 8), "float32")
    slow = pooling_of(np.arange(1.0, 9.0), k=3, sigma=0.0)
    fast = pooling_of(np.arange(1.0, 9.0), k=3, sigma=0.0, speed=10.0)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(slow(maps)), ops.convert_to_numpy(fast(maps))
    )
    (slow_gradient,) = gradients_of(slow, ops.sum, maps).values()
    (fast_gradient,) = gradients_of(fast, ops.sum, maps).values()
    np.testing.assert_allclose(fast_gradient, 100 * slow_gradient, rtol=1e-6)


def test_importances_are_trained_and_saved():
    layer = ChannelPooling(k=2)
    layer.build((None, 4))
    assert [v.name for v in layer.trainable_variables] == ["importance"]
    assert any(v is layer.importance for v in layer.weights)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("binding", CHOOSING)
def test_half_precision_chooses_as_float32_does(binding, policy, training):
    importance = 1 + 1e-3 * np.random.default_rng(3).normal(size=2048)
    importance = importance.astype("float32")
    options = {"k": 256, "sigma": 1e-3, "binding": binding, "seed": 4}
    layer = pooling_of(importance, dtype=policy, **options)
    assert layer.importance.dtype == "float32"
    noise = np.zeros(2048, "float32")
    if training:
        drawn = keras.random.normal((2048,), seed=keras.random.SeedGenerator(4))
        noise = np.float32(1e-3) * ops.convert_to_numpy(drawn)
    expected = np.sort(np.argsort(-(importance + noise))[:256])
    # Small whole numbers survive half precision: they name the channel.
    maps = np.stack([np.arange(2048) // 64, np.arange(2048) % 64])
    outputs = layer(maps.astype("float32"), training=training)
    assert keras.backend.standardize_dtype(outputs.dtype) == policy[6:]
    high, low = np.rint(ops.convert_to_numpy(ops.cast(outputs, "float32")))
    np.testing.assert_array_equal(np.sort(high * 64 + low), expected)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("binding", [*CHOOSING, "fixed"])
def test_xla_gives_the_same(binding, training):
    layer = pooling_of(
        random_importance(32), k=8, sigma=0.0, binding=binding, seed=0
    )
    maps = np.random.default_rng(0).normal(size=(2, 4, 4, 32))
    maps = maps.astype("float32")
    compiled = ops.convert_to_numpy(
        call_compiled(layer, maps, training=training)
    )
    np.testing.assert_allclose(
        compiled,
        ops.convert_to_numpy(layer(maps, training=training)),
        rtol=1e-6,
    )


def test_xla_keeps_the_slots():
    layer = pooling_of(
        random_importance(32), k=8, sigma=0.5, binding="slots", seed=0
    )
    call_compiled(layer, np.ones((1, 32), "float32"), training=True)
    slots = ops.convert_to_numpy(layer.slots)
    assert len(set(slots)) == 8
    assert set(slots) != set(range(8))


@pytest.mark.parametrize("size", [1, 5])
@pytest.mark.parametrize("batch", [1, 3])
def test_takes_any_batch_and_image_size(batch, size):
    layer = pooling_of(random_importance(16), k=0.25)
    assert layer(np.ones((batch, size, size + 1, 16))).shape == (
        batch,
        size,
        size + 1,
        4,
    )


def test_symbolic_shapes_may_be_unknown():
    outputs = ChannelPooling(k=4)(keras.KerasTensor((None, None, None, 16)))
    assert outputs.shape == (None, None, None, 4)


@pytest.mark.parametrize(
    ("k", "channels", "kept"),
    [
        (3, 16, 3),
        (0.125, 2048, 256),
        (0.125, 4, 1),
        (1.0, 16, 16),
        (16, 16, 16),
    ],
)
def test_k_is_a_number_or_a_share(k, channels, kept):
    layer = ChannelPooling(k=k)
    assert layer(np.ones((1, channels))).shape == (1, kept)
    assert layer.compute_output_shape((None, channels)) == (None, kept)


@pytest.mark.parametrize("inputs", [np.ones((1, 4)), keras.KerasTensor((2, 4))])
def test_k_above_the_number_of_maps_is_refused(inputs):
    with pytest.raises(ValueError, match="k=5, channels=4"):
        ChannelPooling(k=5)(inputs)


def test_k_above_the_number_of_maps_has_no_output_shape():
    with pytest.raises(ValueError, match="k=5, channels=4"):
        ChannelPooling(k=5).compute_output_shape((None, 4))


@pytest.mark.parametrize("k", [0, -1, 0.0, 1.1, float("nan")])
def test_k_out_of_range_is_refused(k):
    with pytest.raises(ValueError, match="Received: k="):
        ChannelPooling(k=k)


@pytest.mark.parametrize("sigma", [-0.1, float("nan"), float("inf")])
def test_a_sigma_that_is_no_deviation_is_refused(sigma):
    with pytest.raises(ValueError, match="Received: sigma="):
        ChannelPooling(sigma=sigma)


@pytest.mark.parametrize("word", ["False", 0, None])
def test_what_is_neither_true_nor_false_is_refused(word):
    with pytest.raises(TypeError, match="Received: normalise="):
        ChannelPooling(normalise=word)


def test_an_unknown_binding_gets_the_nearest_name():
    with pytest.raises(ValueError, match="Did you mean `slots`.*'slot'"):
        ChannelPooling(binding="slot")


def test_the_number_of_maps_must_be_known():
    with pytest.raises(ValueError, match="number of maps"):
        ChannelPooling(k=2).build((None, None))


def test_a_nan_pixel_stays_in_its_image_and_out_of_the_choice():
    layer = pooling_of([1.0, 4.0, 3.0, 2.0], k=2)
    maps = np.ones((2, 1, 1, 4), "float32")
    maps[0, 0, 0, 1] = np.nan
    outputs = ops.convert_to_numpy(layer(maps))
    np.testing.assert_array_equal(outputs[0].ravel(), [np.nan, 3.0])
    np.testing.assert_array_equal(outputs[1].ravel(), [4.0, 3.0])


def test_equal_importances_go_to_the_lowest_channel():
    layer = pooling_of(np.ones(8), k=3)
    np.testing.assert_array_equal(layer.selected_channels(), [0, 1, 2])


def test_permuted_channels_with_permuted_importances_give_the_same():
    draw = np.random.default_rng(0)
    importance, order = draw.normal(size=16), draw.permutation(16)
    maps = draw.normal(size=(2, 3, 3, 16))
    plain = pooling_of(importance, k=5, binding="rank")
    permuted = pooling_of(importance[order], k=5, binding="rank")
    np.testing.assert_array_equal(
        ops.convert_to_numpy(plain(maps)),
        ops.convert_to_numpy(permuted(maps[..., order])),
    )


@pytest.mark.parametrize("binding", [*CHOOSING, "fixed"])
def test_its_configuration_makes_it_again(binding):
    layer = ChannelPooling(
        k=0.5, sigma=0.2, binding=binding, speed=3.0, seed=7, name="pooling"
    )
    config = keras.saving.serialize_keras_object(layer)
    again = keras.saving.deserialize_keras_object(config)
    assert isinstance(again, ChannelPooling)
    assert again.get_config() == layer.get_config()


@pytest.mark.parametrize("binding", [*CHOOSING, "fixed"])
def test_a_saved_layer_chooses_the_same(binding, tmp_path):
    inputs = keras.Input((None, None, 32))
    outputs = ChannelPooling(
        k=8, sigma=0.5, binding=binding, seed=0, name="pooling"
    )(inputs)
    model = keras.Model(inputs, outputs)
    layer = model.get_layer("pooling")
    layer.importance.assign(random_importance(32))
    maps = np.random.default_rng(0).normal(size=(2, 4, 4, 32))
    model(maps, training=True)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        again.get_layer("pooling").selected_channels(),
        layer.selected_channels(),
    )
    np.testing.assert_array_equal(
        ops.convert_to_numpy(again(maps)), ops.convert_to_numpy(model(maps))
    )
