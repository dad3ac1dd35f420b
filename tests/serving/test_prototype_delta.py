"""A delta of prototypes is stored, folded, served and replaced as any other."""

import functools

import numpy as np
import pytest
from keras import ops

from keras_snow.deltas import PrototypeDelta
from keras_snow.serving import Bundle
from keras_snow.serving import fold
from keras_snow.serving.packing import read_packed
from tests.serving.test_fold import assert_alike
from tests.serving.test_fold import inputs_of
from tests.serving.toy_bundles import toy_delta
from tests.serving.toy_bundles import toy_source
from tests.toys import images


@functools.cache
def source():
    return toy_source()


def prototypes(taps=None, seed=0):
    """Returns a delta that reads every other map of some taps."""
    cut = source().select(taps or ["block1_out", "block3_out"])
    delta = PrototypeDelta(cut.taps, 3, cut.fingerprint)
    draw = np.random.default_rng(seed)
    kernel = draw.normal(size=(sum(tap.channels for tap in cut.taps), 3))
    kernel[::2] = 0.0
    delta.assign(kernel, draw.normal(size=3))
    return delta


def test_it_reads_the_means_of_maps():
    delta = prototypes()
    inputs = inputs_of(source(), delta, images(2))
    means = [np.mean(inputs[tap], axis=(1, 2)) for tap in delta.tap_names]
    kernel, bias = delta.get_layer("delta_logits").get_weights()
    assert_alike(delta(inputs), np.concatenate(means, axis=1) @ kernel + bias)


@pytest.mark.parametrize("taps", [None, ["block2_out"]])
def test_folded_it_answers_as_before(taps):
    delta = prototypes(taps)
    inputs = inputs_of(source(), delta, images(2))
    small = fold(delta)
    assert_alike(small(inputs), delta(inputs))
    assert not [x for x in small.layers if type(x).__name__ == "Conv2D"]


def test_folded_beside_a_trained_delta_it_answers_as_before():
    bundle = Bundle(source())
    bundle.add("birds", toy_delta(source()))
    bundle.add("tea", prototypes())
    pixels = images(2)
    expected, found = bundle(pixels), bundle.fold(image_size=32)(pixels)
    for name in ("birds", "tea"):
        assert_alike(found[name], expected[name])


def test_without_weights_it_folds():
    delta = PrototypeDelta(source().taps, 2, source().fingerprint)
    inputs = inputs_of(source(), delta, images(1))
    assert not ops.convert_to_numpy(fold(delta)(inputs)).any()


def test_a_bundle_keeps_it_and_a_trained_delta_takes_its_place(tmp_path):
    bundle = Bundle(source())
    bundle.save(tmp_path / "shop")
    bundle.add("birds", toy_delta(source()))
    pixels = images(2)
    before = ops.convert_to_numpy(bundle(pixels)["birds"])
    names = ["green", "black", "white"]
    bundle.add("tea", prototypes(), class_names=names, image_size=32)
    other = Bundle.load(tmp_path / "shop")
    assert type(other.delta("tea")) is PrototypeDelta
    for name, logits in bundle(pixels).items():
        np.testing.assert_array_equal(other(pixels)[name], logits)
    other.replace("tea", toy_delta(source(), seed=1))
    bundle.reload()
    assert bundle.task("tea").version == 2
    assert bundle.task("tea").class_names == tuple(names)
    found = bundle(pixels)
    assert found["tea"].shape == (2, 3)
    np.testing.assert_array_equal(found["birds"], before)


def test_an_unknown_class_of_delta_is_said_to_be_damaged(tmp_path):
    bundle = Bundle(source())
    bundle.save(tmp_path / "shop")
    task = bundle.add("tea", prototypes())
    path = tmp_path / "shop" / task.file
    damaged = path.read_bytes().replace(
        b'"PrototypeDelta"', b'"QrototypeDelta"'
    )
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match="damaged"):
        read_packed(path)
