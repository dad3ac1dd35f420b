"""Engines: what runs a frozen source gives what Keras gives."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow.sources import Source
from keras_snow.sources.engines import engine as engine_module
from keras_snow.sources.engines import make_pass
from keras_snow.sources.engines import multiplies_bfloat16
from keras_snow.sources.engines.folds import find_folds
from tests.toys import images
from tests.toys import residual_network
from tests.toys import unsettle

IMAGE = keras.Input((8, 8, 3))


def network_of(*parts):
    x = IMAGE
    for part in parts:
        x = part(x)
    network = keras.Model(IMAGE, x)
    unsettle(network, np.random.default_rng(0))
    return network


def folded(network):
    return [
        (fold.layer.name, fold.before and "before", fold.after and "after")
        for fold in find_folds(network)
    ]


def difference(network, engine="float32"):
    """Returns how far an engine's answer is from Keras' own, relatively."""
    pixels = np.random.default_rng(1).normal(size=(2, 8, 8, 3))
    pixels = pixels.astype("float32")
    expected = ops.convert_to_numpy(network(pixels, training=False))
    found = make_pass(network, engine)(pixels)
    found = np.asarray(ops.convert_to_numpy(found), "float32")
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


BN = layers.BatchNormalization
PATTERNS = {
    "convolution": [layers.Conv2D(6, 3, name="x"), BN()],
    "without bias": [layers.Conv2D(6, 3, use_bias=False, name="x"), BN()],
    "plain scale": [
        layers.Conv2D(6, 3, name="x"),
        BN(center=False, scale=False),
    ],
    "depthwise": [layers.DepthwiseConv2D(3, name="x"), BN()],
    "multiplier": [
        layers.DepthwiseConv2D(3, depth_multiplier=2, name="x"),
        BN(),
    ],
    "groups": [layers.Conv2D(6, 3, groups=3, name="x"), BN()],
    "dense": [layers.Flatten(), layers.Dense(5, name="x"), BN()],
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_kernel_absorbs_the_normalization_behind_it(pattern):
    network = network_of(*PATTERNS[pattern])
    assert folded(network) == [("x", None, "after")]
    assert difference(network) < 1e-5


def test_a_kernel_that_pads_nothing_absorbs_the_one_before_it():
    network = network_of(
        BN(), layers.Conv2D(6, 3, name="x"), BN(), layers.ReLU()
    )
    assert folded(network) == [("x", "before", "after")]
    assert difference(network) < 1e-5


@pytest.mark.parametrize(
    "parts",
    [
        # A padded zero is not what the normalization makes of zero.
        [BN(), layers.Conv2D(6, 3, padding="same", name="x")],
        [layers.Conv2D(6, 3, activation="relu", name="x"), BN()],
        [layers.Conv2D(6, 3, name="x"), BN(axis=1)],
    ],
)
def test_what_a_kernel_can_not_absorb_stays_as_it_is(parts):
    network = network_of(*parts)
    assert folded(network) == [("x", None, None)]
    assert difference(network) < 1e-5


def test_a_normalization_behind_a_tap_is_not_absorbed():
    tapped = layers.Conv2D(6, 3, name="tapped")(IMAGE)
    last = BN(name="last")(tapped)
    network = keras.Model(IMAGE, [tapped, last])
    unsettle(network, np.random.default_rng(0))
    source = Source(network, ["tapped", "last"])
    plain = Source(network, ["tapped", "last"], engine="keras")
    pixels = np.ones((1, 8, 8, 3), "float32")
    for name, maps in plain(pixels).items():
        np.testing.assert_allclose(
            ops.convert_to_numpy(source(pixels)[name]),
            ops.convert_to_numpy(maps),
            rtol=1e-5,
            atol=1e-5,
        )


def test_a_layer_that_is_called_twice_is_not_folded():
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    x = BN()(shared(IMAGE))
    network = keras.Model(IMAGE, layers.Add()([shared(x), x]))
    unsettle(network, np.random.default_rng(0))
    assert folded(network) == []
    assert difference(network) < 1e-5


def test_bfloat16_is_near_and_comes_in_bfloat16():
    source = Source(residual_network(), engine="bfloat16")
    exact = Source(residual_network(), engine="keras")
    for name, maps in source(images()).items():
        assert keras.backend.standardize_dtype(maps.dtype) == "bfloat16"
        found = np.asarray(ops.convert_to_numpy(maps), "float32")
        expected = ops.convert_to_numpy(exact(images())[name])
        share = np.linalg.norm(found - expected) / np.linalg.norm(expected)
        assert 1e-5 < share < 0.03


def test_layers_with_weights_of_their_own_stay_in_float32():
    network = network_of(
        layers.Conv2D(6, 3), layers.LayerNormalization(), layers.PReLU()
    )
    assert 1e-6 < difference(network, "bfloat16") < 0.02


def test_dropout_is_off_while_a_delta_is_trained():
    network = network_of(layers.Conv2D(6, 3, name="x"), layers.Dropout(0.9))
    source = Source(network, [network.layers[-1].name])
    pixels = np.ones((1, 8, 8, 3), "float32")
    (found,) = source(pixels, training=True).values()
    (expected,) = source(pixels, training=False).values()
    np.testing.assert_array_equal(
        ops.convert_to_numpy(found), ops.convert_to_numpy(expected)
    )


def test_changed_weights_are_folded_anew():
    network = network_of(layers.Conv2D(4, 3, name="x"), BN())
    last = [network.layers[-1].name]
    source = Source(network, last)
    pixels = np.ones((1, 8, 8, 3), "float32")
    (before,) = source(pixels).values()
    kernel = network.get_layer("x").kernel
    # The same numbers in other places.
    kernel.assign(ops.flip(kernel, axis=-1))
    (after,) = source(pixels).values()
    (expected,) = Source(network, last, "keras")(pixels).values()
    assert not np.allclose(
        ops.convert_to_numpy(before), ops.convert_to_numpy(after)
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(after), ops.convert_to_numpy(expected), rtol=1e-5
    )


def test_the_engine_is_saved_with_the_source(tmp_path):
    source = Source(residual_network(), engine="bfloat16")
    source.save(tmp_path / "source.keras")
    assert Source.from_file(tmp_path / "source.keras").engine == "bfloat16"
    assert source.select([source.taps[0].name]).engine == "bfloat16"


def test_unknown_engines_are_refused_with_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `bfloat16`"):
        Source(residual_network(), engine="bf16")


def test_a_source_in_half_precision_runs_as_it_is():
    policy = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        network = residual_network()
    finally:
        keras.config.set_dtype_policy(policy)
    assert Source(network).engine == "keras"
    with pytest.raises(ValueError, match="half precision already"):
        Source(network, engine="bfloat16")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("flags\t\t: fpu avx512_bf16 avx2", True),
        ("flags\t\t: fpu amx_bf16", True),
        ("Features\t: fp asimd bf16", True),
        ("flags\t\t: fpu avx2 f16c", False),
        ("", False),
    ],
)
def test_the_processor_says_whether_it_multiplies_bfloat16(
    monkeypatch, flags, expected
):
    monkeypatch.setattr(
        engine_module.pathlib.Path, "read_text", lambda *_, **__: flags
    )
    assert engine_module._processor_multiplies_bfloat16() is expected


def test_a_device_says_whether_it_multiplies_bfloat16():
    assert isinstance(multiplies_bfloat16(), bool)
