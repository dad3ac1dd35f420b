"""A rescaled source sees other pixels, and is the same source otherwise."""

import keras
import numpy as np
import pytest

from keras_snow.baselines import build_method
from keras_snow.sources import Source
from keras_snow.sources import rescale_pixels
from tests.toys import images
from tests.toys import residual_network

SCALE, OFFSET = [0.5, 0.75, 1.25], [30.0, -20.0, 1.0]


@pytest.fixture(scope="module")
def source():
    return Source(residual_network())


def test_it_gives_the_maps_of_the_rescaled_pixels(source):
    rescaled = rescale_pixels(source, SCALE, OFFSET)
    assert rescaled.taps == source.taps
    expected = source((images() * SCALE + OFFSET).astype("float32"))
    found = rescaled(images())
    for name, maps in expected.items():
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(found[name]),
            keras.ops.convert_to_numpy(maps),
            atol=1e-4,
        )


def test_it_is_another_source_to_a_delta(source):
    same = rescale_pixels(source, [1.0] * 3, [0.0] * 3)
    other = rescale_pixels(source, SCALE, OFFSET)
    fingerprints = {x.fingerprint for x in (source, same, other)}
    assert len(fingerprints) == 3


def test_it_is_saved_with_its_rescaling(source, tmp_path):
    rescaled = rescale_pixels(source, SCALE, OFFSET)
    rescaled.save(tmp_path / "rescaled.keras")
    loaded = keras.saving.load_model(tmp_path / "rescaled.keras")
    assert loaded.fingerprint == rescaled.fingerprint


@pytest.mark.parametrize("method", ["scratch", "ft"])
def test_a_copy_of_its_network_rescales_too(source, method):
    model = build_method(method, rescale_pixels(source, SCALE, OFFSET), 2)
    layers = {
        layer.name
        for part in model.layers
        for layer in getattr(part, "network", part)._flatten_layers()
    }
    assert "rescaling_to_statistics" in layers


def test_a_factor_too_few_is_refused(source):
    with pytest.raises(ValueError, match=r"scale=\[1.0\]"):
        rescale_pixels(source, [1.0], OFFSET)
