"""SubscribedConv2D against a convolution of the concatenation."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.layers import ChannelPooling
from keras_snow.layers import SubscribedConv2D
from keras_snow.layers import Subscription
from tests.backends import call_compiled
from tests.backends import gradients_of
from tests.toys import plain

BINDINGS = ["rows", "slots", "rank", "fixed"]
TAP, LOCAL = 12, 4


def layer_of(binding="rows", filters=6, shortcut_filters=0, **options):
    """Returns a built layer that keeps 5 of 12 maps."""
    pooling = ChannelPooling(
        k=5, sigma=0.0, binding=binding, seed=0, name="pooling"
    )
    layer = SubscribedConv2D(
        filters,
        shortcut_filters,
        subscription=pooling,
        kernel_initializer=keras.initializers.HeNormal(seed=0),
        **options,
    )
    layer.build((None, None, None, TAP), (None, None, None, LOCAL))
    draw = np.random.default_rng(0)
    pooling.importance.assign(draw.normal(1, 0.3, TAP))
    if binding == "fixed":
        pooling.slots.assign([7, 1, 3, 11, 2])
    return layer


def inputs_of(size=4, local_size=None):
    draw = np.random.default_rng(1)
    side = local_size or size
    return (
        draw.normal(size=(2, size, size, TAP)).astype("float32"),
        draw.normal(size=(2, side, side, LOCAL)).astype("float32"),
    )


def reference(layer, tap, local):
    """Concatenates the pooled and the local maps, then multiplies."""
    pooling = layer.subscription
    channels = pooling.selected_channels()
    kernel = ops.convert_to_numpy(layer.kernel.value)
    if pooling.binding == "rows":
        kernel = kernel[channels]
    importance = ops.convert_to_numpy(pooling.importance.value)
    pooled = tap[..., channels] * importance[channels]
    own = ops.convert_to_numpy(layer.local_kernel.value)
    return np.concatenate([pooled, local], -1) @ np.concatenate([kernel, own])


class Doubled(Subscription):
    """A subscription without kernel rows or factors: all maps, times two."""

    def call(self, inputs, training=None):
        return 2.0 * inputs


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("binding", BINDINGS)
def test_equals_a_convolution_of_the_concatenation(binding, training):
    layer, (tap, local) = layer_of(binding), inputs_of()
    expected = reference(layer, tap, local)
    outputs = layer(tap, local, training=training)
    np.testing.assert_allclose(
        ops.convert_to_numpy(outputs), expected, rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("size", [4, 5])
def test_the_shortcut_reads_every_second_pixel(size):
    layer = layer_of(filters=2, shortcut_filters=3, strides=2)
    tap, local = inputs_of(size)
    expected = reference(layer, tap, local)
    output, shortcut = layer(tap, local)
    np.testing.assert_allclose(
        ops.convert_to_numpy(output), expected[..., :2], rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(shortcut),
        expected[:, ::2, ::2, 2:],
        rtol=1e-4,
        atol=1e-5,
    )


@pytest.mark.parametrize("size", [4, 5, None])
def test_symbolic_shapes_are_the_real_ones(size):
    layer = layer_of(filters=2, shortcut_filters=3, strides=2)
    shapes = layer.compute_output_shape(
        (None, size, size, TAP), (None, size, size, LOCAL)
    )
    half = None if size is None else -(-size // 2)
    assert shapes == ((None, size, size, 2), (None, half, half, 3))


def test_any_subscription_will_do():
    layer = SubscribedConv2D(3, subscription=Doubled())
    tap, local = inputs_of()
    outputs = ops.convert_to_numpy(layer(tap, local))
    kernel = ops.convert_to_numpy(layer.kernel.value)
    own = ops.convert_to_numpy(layer.local_kernel.value)
    np.testing.assert_allclose(
        outputs, 2 * tap @ kernel + local @ own, rtol=1e-4, atol=1e-5
    )


def test_only_chosen_kernel_rows_get_a_gradient():
    layer, (tap, local) = layer_of("rows"), inputs_of()
    gradients = gradients_of(layer, ops.sum, tap, local, training=True)
    (kernel,) = [g for p, g in gradients.items() if p.endswith("/kernel")]
    (importance,) = [g for p, g in gradients.items() if "importance" in p]
    chosen = layer.subscription.selected_channels()
    assert np.abs(kernel[chosen]).min() > 0
    assert not np.delete(kernel, chosen, axis=0).any()
    assert np.abs(importance[chosen]).min() > 0
    assert not np.delete(importance, chosen).any()


@pytest.mark.parametrize("binding", ["slots", "rank"])
def test_bindings_without_rows_keep_k_kernel_rows(binding):
    assert layer_of(binding).kernel.shape == (5, 6)
    assert layer_of("rows").kernel.shape == (TAP, 6)


@pytest.mark.parametrize("binding", BINDINGS)
def test_permuted_channels_with_their_weights_give_the_same(binding):
    order = np.random.default_rng(3).permutation(TAP)
    original, permuted = layer_of(binding), layer_of(binding)
    importance = ops.convert_to_numpy(original.subscription.importance.value)
    permuted.subscription.importance.assign(importance[order])
    permuted.local_kernel.assign(original.local_kernel)
    kernel = ops.convert_to_numpy(original.kernel.value)
    permuted.kernel.assign(kernel[order] if binding == "rows" else kernel)
    if binding in ("slots", "fixed"):
        slots = original.subscription.selected_channels()
        permuted.subscription.slots.assign(np.argsort(order)[slots])
    tap, local = inputs_of()
    np.testing.assert_allclose(
        ops.convert_to_numpy(permuted(tap[..., order], local)),
        ops.convert_to_numpy(original(tap, local)),
        rtol=1e-4,
        atol=1e-5,
    )


@pytest.mark.parametrize(("size", "local_size"), [(4, 5), (5, 4), (5, 3)])
def test_local_maps_are_brought_to_the_size_of_the_tap(size, local_size):
    layer, (tap, local) = layer_of(), inputs_of(size, local_size)
    side = min(size, local_size)
    resized = np.zeros((2, size, size, LOCAL), "float32")
    resized[:, :side, :side] = local[:, :side, :side]
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer(tap, local)),
        reference(layer, tap, resized),
        rtol=1e-4,
        atol=1e-5,
    )


def test_kernels_are_drawn_for_the_maps_that_are_read():
    pooling = ChannelPooling(k=32)
    layer = SubscribedConv2D(
        64,
        subscription=pooling,
        kernel_initializer=keras.initializers.HeNormal(seed=0),
    )
    layer.build((None, 4, 4, 1024), (None, 4, 4, 32))
    expected = (2 / (32 + 32)) ** 0.5
    for kernel in (layer.kernel, layer.local_kernel):
        deviation = ops.convert_to_numpy(kernel.value).std()
        assert abs(deviation - expected) < 0.1 * expected


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_is_near_float32(policy):
    tap, local = inputs_of()
    expected = reference(layer_of(), tap, local)
    outputs = layer_of(dtype=policy)(tap, local, training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == policy[6:]
    np.testing.assert_allclose(
        ops.convert_to_numpy(ops.cast(outputs, "float32")), expected, atol=0.15
    )


@pytest.mark.parametrize("binding", BINDINGS)
def test_xla_gives_the_same(binding):
    layer = layer_of(binding, filters=2, shortcut_filters=3, strides=2)
    inputs = inputs_of()
    compiled = call_compiled(layer, *inputs, training=True)
    expected = layer(*inputs, training=True)
    for one, other in zip(compiled, expected, strict=True):
        np.testing.assert_allclose(
            ops.convert_to_numpy(one),
            ops.convert_to_numpy(other),
            rtol=1e-4,
            atol=1e-5,
        )


@pytest.mark.parametrize("option", ["filters", "strides"])
def test_counts_must_be_at_least_one(option):
    options = {"filters": 4, "strides": 1, option: 0}
    with pytest.raises(ValueError, match=f"Received: {option}=0"):
        SubscribedConv2D(**options)


def test_a_negative_number_of_shortcut_filters_is_refused():
    with pytest.raises(ValueError, match="Received: shortcut_filters=-1"):
        SubscribedConv2D(4, shortcut_filters=-1)


@pytest.mark.parametrize("binding", BINDINGS)
def test_a_saved_layer_gives_the_same(binding, tmp_path):
    tap = keras.Input((None, None, TAP))
    local = keras.Input((None, None, LOCAL))
    layer = layer_of(binding, shortcut_filters=3, strides=2, name="reader")
    model = keras.Model([tap, local], layer(tap, local))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert plain(again.get_layer("reader")) == plain(layer)
    inputs = list(inputs_of())
    for one, other in zip(again(inputs), model(inputs), strict=True):
        np.testing.assert_array_equal(
            ops.convert_to_numpy(one), ops.convert_to_numpy(other)
        )


@pytest.mark.once
def test_few_maps_of_an_odd_number_of_images_end_no_process():
    """A strided convolution of few maps does, in the gradient of oneDNN."""
    code = (
        "import keras, numpy as np\n"
        "from keras_snow.layers import ChannelPooling, SubscribedConv2D\n"
        "layer = SubscribedConv2D(8, 64, 2, ChannelPooling(k=4))\n"
        "maps = keras.Input((28, 28, 8)), keras.Input((28, 28, 4))\n"
        "_, shortcut = layer(*maps)\n"
        "answer = keras.layers.GlobalAveragePooling2D()(shortcut)\n"
        "model = keras.Model(maps, answer)\n"
        "model.compile(loss='mse', jit_compile=False)\n"
        "x = np.ones((31, 28, 28, 8)), np.ones((31, 28, 28, 4))\n"
        "model.fit(x, np.ones((31, 64)), batch_size=31, epochs=6, verbose=0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-1000:]
