"""compact: the serving form gives the same logits from fewer weights."""

import numpy as np
import pytest
from keras import ops

from keras_snow.deltas import DeltaSettings
from keras_snow.deltas import ResNetDelta
from keras_snow.deltas.compact import compact
from keras_snow.deltas.settings import HEADS
from keras_snow.layers import SubscribedDense
from keras_snow.layers.channel_pooling import BINDINGS
from keras_snow.sources import Tap
from tests.toys import SETTINGS
from tests.toys import assert_equal_values
from tests.toys import values_of

TAPS = [Tap("a", 8, 2), Tap("b", 16, 4), Tap("c", 32, 8)]


def trained_delta(binding, head, **settings):
    """Returns a delta whose every weight is another than at the start."""
    settings |= {"binding": binding, "head": head, "sigma": 0.5}
    settings = {**SETTINGS, **settings}
    delta = ResNetDelta(TAPS, 3, DeltaSettings(**settings), "abc", name="delta")
    draw = np.random.default_rng(0)
    delta(inputs_of(delta), training=True)
    for variable in delta.trainable_variables:
        value = ops.convert_to_numpy(variable.value)
        variable.assign(value + draw.normal(0, 0.05, value.shape))
    for layer in delta.layers:
        if isinstance(layer, SubscribedDense):
            layer.adapt(draw.normal(1, 2, (20, *layer.mean.shape)))
    for pooling in delta.poolings:
        channels = pooling.importance.shape[0]
        pooling.adapt(draw.normal(1, 2, (20, 2, channels)))
    return delta


def inputs_of(delta):
    draw = np.random.default_rng(1)
    inputs = {"image": draw.uniform(0, 255, (4, 32, 32, 3))}
    for tap in TAPS:
        side = 32 // tap.stride
        inputs[tap.name] = draw.uniform(0, 2, (4, side, side, tap.channels))
    names = ["image", *delta.tap_names]
    return {name: inputs[name].astype("float32") for name in names}


@pytest.mark.parametrize(
    ("head", "head_k"), [*((head, None) for head in HEADS), ("levels", 0.5)]
)
@pytest.mark.parametrize("binding", BINDINGS)
def test_changes_logits_by_less_than_1e_4_and_keeps_the_selection(
    binding, head, head_k
):
    delta = trained_delta(binding, head, head_k=head_k)
    small = compact(delta)
    expected = ops.convert_to_numpy(delta(inputs_of(delta)))
    logits = ops.convert_to_numpy(small(inputs_of(delta)))
    assert np.abs(logits - expected).max() < 1e-4 * np.abs(expected).max()
    for one, other in zip(small.poolings, delta.poolings, strict=True):
        assert one.binding == "fixed"
        np.testing.assert_array_equal(
            one.selected_channels(), other.selected_channels()
        )


def test_keeps_the_chosen_kernel_rows_alone():
    small = compact(trained_delta("rows", "delta"))
    assert small.get_layer("a_block_1").kernel.shape[0] == 2
    assert small.get_layer("b_block_1").kernel.shape[0] == 4


def test_leaves_the_delta_alone():
    delta = trained_delta("slots", "levels")
    before = values_of(delta)
    compact(delta)
    assert_equal_values(before, values_of(delta))


def test_a_compact_delta_can_be_made_compact_again():
    delta = trained_delta("rows", "levels")
    once = compact(delta)
    assert_equal_values(values_of(once), values_of(compact(once)))


def test_keeps_what_belongs_to_the_task():
    delta = trained_delta("rows", "delta")
    small = compact(delta)
    assert small.source_fingerprint == "abc"
    assert small.num_classes == 3
    assert small.taps == delta.taps
    assert small.name == delta.name


def test_a_compact_delta_never_chooses_anew():
    delta = trained_delta("rows", "delta")
    small = compact(delta)
    before = [pooling.selected_channels() for pooling in small.poolings]
    small(inputs_of(delta), training=True)
    for pooling, channels in zip(small.poolings, before, strict=True):
        np.testing.assert_array_equal(pooling.selected_channels(), channels)


def test_keeps_the_constants_that_normalise_the_maps():
    delta = trained_delta("rows", "delta", normalise_taps=True)
    inputs = inputs_of(delta)
    np.testing.assert_allclose(
        ops.convert_to_numpy(compact(delta)(inputs)),
        ops.convert_to_numpy(delta(inputs)),
        atol=1e-4,
    )
    for pooling in compact(delta).poolings:
        assert np.std(ops.convert_to_numpy(pooling.deviation)) > 0.01
