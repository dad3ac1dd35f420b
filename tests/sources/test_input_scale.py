"""Sources whose owner scaled pixels outside of them."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow.models import SNOWModel
from keras_snow.serving import Bundle
from keras_snow.sources import Source
from keras_snow.sources import load_source
from keras_snow.sources import rescale_pixels
from keras_snow.sources.pixels import ALONE
from keras_snow.sources.pixels import describe_pixels
from keras_snow.sources.pixels import tell_pixels
from tests.toys import SETTINGS
from tests.toys import images


def network(scaling=None):
    """Two taps behind a convolution without preprocessing."""
    x = image = keras.Input((None, None, 3), name="image")
    if scaling is not None:
        x = scaling(x)
    for name, filters in (("early", 8), ("late", 16)):
        draw = keras.initializers.HeNormal(seed=filters)
        x = layers.Conv2D(
            filters, 3, 2, "same", kernel_initializer=draw, name=name
        )(x)
    return keras.Model(image, x)


def last_maps(source, pixels):
    return ops.convert_to_numpy(source(pixels)["late"])


@pytest.mark.parametrize(
    ("scale", "owners"),
    [
        ("0..1", lambda x: x / 255),
        ("-1..1", lambda x: x / 127.5 - 1),
        ("1/64", lambda x: x / 64),
        (0.5, lambda x: x / 2),
        ("tf", keras.applications.mobilenet_v2.preprocess_input),
        ("torch", keras.applications.densenet.preprocess_input),
        ("caffe", keras.applications.resnet50.preprocess_input),
    ],
)
def test_a_source_scales_as_its_owner_did(scale, owners):
    given = network()
    source = load_source(given, input_scale=scale)
    np.testing.assert_allclose(
        last_maps(source, images()),
        ops.convert_to_numpy(given(owners(images().copy()))),
        rtol=1e-4,
        atol=1e-4,
    )
    assert source.input_scale == str(scale)
    assert source.fingerprint != Source(given).fingerprint


def test_it_is_saved_with_source_delta_and_bundle(tmp_path):
    given, x = network(), images()
    given.save(tmp_path / "network.keras")
    model = SNOWModel.from_source(
        tmp_path / "network.keras", 3, input_scale="0..1", **SETTINGS
    )
    assert model.source.origin.input_scale == "0..1"
    model.source.save(tmp_path / "source.keras")
    assert Source.from_file(tmp_path / "source.keras").input_scale == "0..1"
    model.save_delta(tmp_path / "delta.keras")
    for source in (given, tmp_path / "source.keras", model.source):
        again = SNOWModel.from_delta(source, tmp_path / "delta.keras")
        assert again.source.input_scale == "0..1"
        np.testing.assert_allclose(again(x), model(x), rtol=1e-5)
    bundle = Bundle(load_source(given, input_scale="0..1"))
    bundle.add("task", tmp_path / "delta.keras")
    bundle.save(tmp_path / "bundle")
    logits = Bundle.load(tmp_path / "bundle")(x)["task"]
    np.testing.assert_allclose(logits, model(x), rtol=1e-2, atol=1e-3)
    with pytest.raises(ValueError, match="`input_scale`: '0..1' there, None"):
        Bundle(given).add("task", tmp_path / "delta.keras")


def test_a_source_of_pixels_that_were_rescaled_keeps_it():
    source = load_source(network(), input_scale="0..1")
    moved = rescale_pixels(source, [2.0] * 3, [0.0] * 3)
    assert moved.input_scale == "0..1"
    np.testing.assert_allclose(
        last_maps(moved, images()), last_maps(source, 2 * images()), rtol=1e-5
    )
    assert source.tuned(["early"], "0..1").input_scale == "0..1"


def test_weights_of_ones_own_may_want_other_pixels(tmp_path):
    base = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(None, None, 3)
    )
    base.save_weights(tmp_path / "own.weights.h5")
    path = tmp_path / "own.weights.h5"
    source = load_source("mobilenetv2", path, ["Conv1"], input_scale="0..1")
    assert describe_pixels(source.network) == ["to 0..1"]
    assert source.origin.input_scale == "0..1"
    with pytest.raises(ValueError, match="scales them itself"):
        load_source("mobilenetv2", None, input_scale="0..1")


@pytest.mark.parametrize("scale", ["0..0", "1..0", "zero..1", "0", "-2", "nan"])
def test_what_is_no_scale_is_refused(scale):
    with pytest.raises(ValueError, match="a range such as `0..1`"):
        load_source(network(), input_scale=scale)
    with pytest.raises(ValueError, match="Did you mean `torch`"):
        load_source(network(), input_scale="torhc")


def test_pixels_are_not_scaled_twice_without_a_word():
    source = load_source(network(), input_scale="0..1")
    assert load_source(source, input_scale="0 .. 1") is source
    with pytest.raises(ValueError, match="the source's '0..1'"):
        load_source(source, input_scale="torch")
    with pytest.warns(UserWarning, match="scaled twice"):
        load_source(network(layers.Rescaling(1 / 255)), input_scale="0..1")


@pytest.mark.parametrize(
    ("scaling", "words"),
    [
        (layers.Rescaling(0.5, offset=-1), "times 0.5, plus -1"),
        (layers.Normalization(mean=[0.0] * 3, variance=[1.0] * 3), "mean"),
        (layers.BatchNormalization(), "batch normalisation"),
        (lambda x: x / 255.0, "divided by 255"),
        (lambda x: layers.ZeroPadding2D(1)(x / 2.0 - 1.0), "2; minus 1"),
        (lambda x: x[..., ::-1], "another order"),
        (layers.ZeroPadding2D(1), None),
        (None, None),
    ],
)
def test_what_a_source_does_with_pixels_is_told(scaling, words):
    told = tell_pixels(Source(network(scaling)).network)
    if words is None:
        assert told == ALONE
    else:
        assert words in told
