"""Streaming statistics against NumPy on the whole array."""

import numpy as np
import pytest

from keras_snow.metrics import ChannelStatistics


def streamed(parts):
    statistics = ChannelStatistics()
    for part in parts:
        statistics.update(part)
    return statistics


def test_they_are_those_of_the_concatenated_array():
    draw = np.random.default_rng(0)
    parts = [
        draw.integers(0, 256, (count, 5, 7, 3), "uint8") for count in (4, 1, 9)
    ]
    found = streamed(parts)
    whole = np.concatenate(parts).reshape(-1, 3).astype("float64")
    np.testing.assert_allclose(found.mean, whole.mean(0), rtol=1e-13)
    np.testing.assert_allclose(found.std, whole.std(0), rtol=1e-13)
    assert found.count == 14 * 5 * 7


def test_a_small_deviation_beside_a_large_mean_keeps_its_digits():
    # Sums of squares would lose it: 1e9 squared leaves no digit for 1.
    values = 1e9 + np.array([-1.0, 0.0, 1.0])
    parts = [np.full((1, 1, 1, 3), value) for value in values]
    np.testing.assert_allclose(streamed(parts).std, (2 / 3) ** 0.5, rtol=1e-9)


def test_the_order_and_size_of_batches_do_not_matter():
    images = np.random.default_rng(1).normal(50, 9, (12, 4, 4, 3))
    some = streamed(np.split(images, [1, 2, 11]))
    others = streamed([images[::-1]])
    np.testing.assert_allclose(some.mean, others.mean, rtol=1e-13)
    np.testing.assert_allclose(some.std, others.std, rtol=1e-12)


def test_an_empty_batch_changes_nothing():
    found = streamed([np.ones((1, 2, 2, 3)), np.ones((0, 2, 2, 3))])
    assert found.count == 4


@pytest.mark.parametrize(
    "bad", [np.zeros((1, 2, 2, 4)), np.full((1, 2, 2, 3), np.nan), 3.0]
)
def test_bad_images_are_refused_and_change_nothing(bad):
    statistics = streamed([np.full((1, 2, 2, 3), 5.0)])
    with pytest.raises(ValueError, match="Received: images.shape"):
        statistics.update(bad)
    assert statistics.count == 4
    assert statistics.mean.tolist() == [5.0] * 3


def test_nothing_seen_has_no_statistics():
    with pytest.raises(ValueError, match="count=0"):
        _ = ChannelStatistics().mean
