"""MapStatistics: means and deviations of maps, in float32 whatever comes."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.layers import MapStatistics
from keras_snow.layers import SubscribedDense
from keras_snow.layers.map_statistics import map_statistics

MAPS = np.random.default_rng(0).normal(1, 2, (3, 6, 5, 4)).astype("float32")
EXPECTED = np.stack([MAPS.mean(axis=(1, 2)), MAPS.std(axis=(1, 2))], axis=1)


@pytest.mark.parametrize("shape", [(6, 5, 4), (None, None, 4)])
def test_measures_means_and_deviations(shape):
    image = keras.Input(shape)
    model = keras.Model(image, MapStatistics()(image))
    assert model.output.shape == (None, 2, 4)
    found = model.predict(MAPS, verbose=0)
    np.testing.assert_allclose(found, EXPECTED, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_does_not_reach_the_statistics(policy):
    large = ops.cast(MAPS * 100 + 1000, "float16")
    found = MapStatistics(dtype=policy)(large)
    expected = np.array(ops.cast(large, "float32"))
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_allclose(
        ops.convert_to_numpy(found)[:, 0], expected.mean((1, 2)), rtol=1e-5
    )
    # Of what is standardised half precision keeps digits enough.
    head = SubscribedDense(2, dtype=policy)
    head.build((None, 2, 4))
    head.adapt(np.concatenate([np.array(found), np.array(found) + 1]))
    head.kernel.assign(np.full(head.kernel.shape, 0.1))
    plain = SubscribedDense(2)
    plain.build((None, 2, 4))
    for weight in ("mean", "deviation", "kernel"):
        getattr(plain, weight).assign(getattr(head, weight))
    np.testing.assert_allclose(
        ops.convert_to_numpy(ops.cast(head(found), "float32")),
        ops.convert_to_numpy(plain(found)),
        rtol=0.05,
        atol=0.01,
    )


def test_a_constant_map_has_no_deviation():
    found = ops.convert_to_numpy(map_statistics(np.full((1, 4, 4, 1), 3.3)))
    assert found[0, 0] == pytest.approx(3.3)
    assert found[0, 1] == pytest.approx(0.0, abs=2e-3)


def test_statistics_pass_as_they_are():
    assert map_statistics(EXPECTED) is EXPECTED
