"""mAP, F1 and thresholds of images with several classes."""

import numpy as np
import pytest

from keras_snow.callbacks.scoring import score
from keras_snow.metrics.ridge import fit_ridge
from keras_snow.metrics.several_classes import best_thresholds
from keras_snow.metrics.several_classes import macro_f1
from keras_snow.metrics.several_classes import mean_average_precision


def test_average_precision_is_scikit_learns():
    metrics = pytest.importorskip("sklearn.metrics")
    draw = np.random.default_rng(0)
    # Rounded, so that there are ties.
    scores = draw.normal(size=(50, 4)).round(1)
    rows = (draw.uniform(size=(50, 4)) < 0.3).astype(int)
    expected = metrics.average_precision_score(rows, scores, average="macro")
    assert mean_average_precision(scores, rows) == pytest.approx(expected)
    expected = metrics.f1_score(rows, scores > 0.5, average="macro")
    assert macro_f1(scores > 0.5, rows) == pytest.approx(expected)


def test_a_class_without_images_does_not_count():
    scores = np.array([[0.9, 0.9], [0.1, 0.1]])
    rows = np.array([[1, 0], [0, 0]])
    assert mean_average_precision(scores, rows) == 1.0
    assert macro_f1(scores > 0.5, rows) == 1.0
    assert best_thresholds(scores, rows).tolist() == [0.5, 0.5]


def test_no_threshold_is_better_than_the_best():
    draw = np.random.default_rng(1)
    scores = draw.uniform(size=(40, 3))
    rows = (draw.uniform(size=(40, 3)) < scores).astype(int)
    found = best_thresholds(scores, rows)
    best = macro_f1(scores >= found, rows)
    for limit in np.linspace(0, 1, 41):
        assert macro_f1(scores >= limit, rows) <= best + 1e-12


def test_a_nan_is_ranked_last():
    logits = np.array([[np.nan], [1.0], [0.0]])
    result = score(logits, np.array([[1], [1], [0]]))
    assert result["map"] == pytest.approx((1 + 2 / 3) / 2)
    assert np.isnan(result["loss"])


def test_ridge_learns_several_outputs_at_once():
    draw = np.random.default_rng(0)
    rows = (draw.uniform(size=(80, 3)) < 0.4).astype(int)
    features = rows + 0.1 * draw.normal(size=rows.shape)
    ridge = fit_ridge(features[:, None], rows, 3)
    assert ridge.accuracy > 0.99
    assert ((ridge.logits(features) > 0) == rows).all()
