"""Class means, scatter, shrinkage and thresholds against direct computation."""

import numpy as np
import pytest

from keras_snow.metrics import ClassMoments
from keras_snow.metrics import calibrate_threshold
from keras_snow.metrics import shrink_covariance
from keras_snow.metrics import squared_distances

RANDOM = np.random.default_rng(0)
FEATURES = RANDOM.normal(2.0, 1.0, (90, 5)).astype("float32")
LABELS = np.arange(90) % 3


def gathered(batch):
    moments = ClassMoments(num_classes=3, num_features=5)
    for start in range(0, len(FEATURES), batch):
        stop = start + batch
        moments.update(FEATURES[start:stop], LABELS[start:stop])
    return moments


@pytest.mark.parametrize("batch", [7, 90])
def test_batches_give_what_all_images_at_once_give(batch):
    moments = gathered(batch)
    scatter = np.zeros((5, 5))
    for label in range(3):
        own = FEATURES[label == LABELS].astype("float64")
        np.testing.assert_allclose(moments.means[label], own.mean(axis=0))
        scatter += (own - own.mean(axis=0)).T @ (own - own.mean(axis=0))
    np.testing.assert_allclose(moments.scatter, scatter, rtol=1e-9)


def test_a_class_without_an_image_is_an_error():
    moments = ClassMoments(num_classes=2, num_features=1)
    moments.update([[1.0]], [0])
    with pytest.raises(ValueError, match="class 1"):
        _ = moments.means


def test_a_feature_that_is_not_finite_is_refused_and_nothing_is_lost():
    moments = gathered(90)
    before = moments.means
    with pytest.raises(ValueError, match="finite"):
        moments.update([[np.nan] * 5], [0])
    np.testing.assert_array_equal(moments.means, before)


def test_shrinkage_by_the_formula_of_chen_et_al():
    covariance = np.array([[2.0, 0.5], [0.5, 1.0]])
    trace, squares, p, n = 3.0, 4.0 + 0.25 + 0.25 + 1.0, 2, 10
    # Equation 23, without its terms in 2 / p, as in the text behind it.
    expected = (squares + trace**2) / ((n + 1) * (squares - trace**2 / p))
    found, share = shrink_covariance(covariance, n)
    assert share == pytest.approx(min(expected, 1.0))
    assert np.trace(found) == pytest.approx(trace)


def test_a_covariance_of_few_examples_gets_an_inverse():
    few = RANDOM.normal(size=(4, 20))
    covariance = few.T @ few / 4
    assert np.linalg.matrix_rank(covariance) == 4
    found, share = shrink_covariance(covariance, 4)
    assert 0.0 < share <= 1.0
    assert np.linalg.eigvalsh(found).min() > 0.0


def test_a_multiple_of_the_identity_is_left_alone():
    found, share = shrink_covariance(3 * np.eye(4), 10)
    assert share == 1.0
    np.testing.assert_allclose(found, 3 * np.eye(4))


def test_shrinkage_is_a_share():
    with pytest.raises(ValueError, match=r"shrinkage=1\.5"):
        shrink_covariance(np.eye(2), 5, 1.5)


def test_squared_distances_are_those_of_each_pair():
    means, features = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=(6, 4))
    expected = [[np.sum((x - m) ** 2) for m in means] for x in features]
    np.testing.assert_allclose(squared_distances(means, features), expected)
    own = squared_distances(features, features).diagonal()
    assert (own >= 0).all()
    np.testing.assert_allclose(own, 0, atol=1e-12)


def test_a_threshold_accepts_new_examples_at_its_level():
    draw = np.random.default_rng(1)
    shares = [
        np.mean(draw.random(1000) <= calibrate_threshold(draw.random(99), 0.9))
        for _ in range(200)
    ]
    assert np.mean(shares) == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, np.nan])
def test_a_level_lies_between_0_and_1(level):
    with pytest.raises(ValueError, match="level"):
        calibrate_threshold([1.0], level)


def test_no_examples_no_threshold():
    with pytest.raises(ValueError, match="0 examples"):
        calibrate_threshold([], 0.5)
