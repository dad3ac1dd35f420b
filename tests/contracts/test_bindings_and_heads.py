"""Every binding with every head keeps the contract of a delta."""

import functools
import math

import numpy as np
import pytest
from keras import ops

from keras_snow.deltas import DeltaSettings
from keras_snow.deltas import ResNetDelta
from keras_snow.deltas.compact import compact
from keras_snow.deltas.settings import HEADS
from keras_snow.layers import SubscribedConv2D
from keras_snow.layers import SubscribedDense
from keras_snow.layers.channel_pooling import BINDINGS
from keras_snow.sources import Tap
from tests.backends import call_compiled
from tests.backends import gradients_of
from tests.toys import SETTINGS

TAPS = [Tap("a", 8, 2), Tap("b", 16, 4), Tap("c", 16, 8)]
EVERY = pytest.mark.parametrize(
    ("binding", "head"),
    [(binding, head) for binding in BINDINGS for head in HEADS],
)


@functools.cache
def delta_of(binding, head):
    settings = {**SETTINGS, "binding": binding, "head": head, "sigma": 0.0}
    delta = ResNetDelta(TAPS, 3, DeltaSettings(**settings))
    draw = np.random.default_rng(0)
    for variable in delta.trainable_variables:
        value = np.array(variable.value)
        variable.assign(value + draw.normal(0, 0.05, value.shape))
    return delta


def inputs_of(delta, size=16):
    draw = np.random.default_rng(1)
    shapes = {tap.name: (size // tap.stride, tap.channels) for tap in TAPS}
    shapes["image"] = (size, 3)
    names = ["image", *delta.tap_names]
    return {
        name: draw.uniform(0, 2, (2, side, side, channels)).astype("float32")
        for name, (side, channels) in ((n, shapes[n]) for n in names)
    }


def numbers_in(variables):
    return sum(math.prod(variable.shape) for variable in variables)


@EVERY
def test_logits_are_finite_and_repeatable(binding, head):
    delta = delta_of(binding, head)
    first = ops.convert_to_numpy(delta(inputs_of(delta)))
    again = ops.convert_to_numpy(delta(inputs_of(delta)))
    assert first.shape == (2, 3)
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, again)


@EVERY
def test_gradients_reach_the_chosen_importances_alone(binding, head):
    delta = delta_of(binding, head)
    inputs = inputs_of(delta)
    tensors = {n: ops.convert_to_tensor(v) for n, v in inputs.items()}

    class Wrapped:
        """Takes the place of a layer whose one input is a dict."""

        trainable_variables = delta.trainable_variables
        non_trainable_variables = delta.non_trainable_variables

        def __call__(self, **arguments):
            return delta(tensors, **arguments)

        def stateless_call(self, trained, others, **arguments):
            return delta.stateless_call(trained, others, tensors, **arguments)

    gradients = gradients_of(
        Wrapped(), lambda x: ops.sum(ops.square(x)), training=True
    )
    assert delta.poolings
    for pooling in delta.poolings:
        gradient = gradients[pooling.importance.path]
        chosen = pooling.selected_channels()
        assert gradient[chosen].any()
        assert not np.delete(gradient, chosen).any()


@EVERY
def test_the_selection_has_k_different_channels(binding, head):
    for pooling in delta_of(binding, head).poolings:
        channels = pooling.selected_channels()
        assert len(set(channels)) == pooling.k * pooling.importance.shape[0]


@EVERY
def test_the_kernel_rows_of_unread_maps_are_not_exported(binding, head):
    delta = delta_of(binding, head)
    unread = sum(
        (layer.kernel.shape[0] - len(layer.subscription.selected_channels()))
        * math.prod(layer.kernel.shape[1:])
        for layer in delta.layers
        if isinstance(layer, SubscribedConv2D | SubscribedDense)
    )
    assert (unread > 0) == (binding == "rows")
    small = compact(delta)
    assert numbers_in(small.trainable_variables) == (
        numbers_in(delta.trainable_variables) - unread
    )


@pytest.mark.parametrize("binding", BINDINGS)
def test_xla_gives_the_same_logits(binding):
    delta = delta_of(binding, "levels")
    inputs = inputs_of(delta)

    class Flat:
        """Takes the inputs one by one."""

        trainable_variables = delta.trainable_variables
        non_trainable_variables = delta.non_trainable_variables

        def __call__(self, *tensors, **arguments):
            return delta(dict(zip(inputs, tensors, strict=True)), **arguments)

        def stateless_call(self, trained, others, *tensors, **arguments):
            named = dict(zip(inputs, tensors, strict=True))
            return delta.stateless_call(trained, others, named, **arguments)

    compiled = call_compiled(Flat(), *inputs.values(), training=False)
    np.testing.assert_allclose(
        ops.convert_to_numpy(compiled),
        ops.convert_to_numpy(delta(inputs)),
        rtol=1e-3,
        atol=1e-4,
    )
