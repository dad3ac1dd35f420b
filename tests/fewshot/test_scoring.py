"""Scores against plain loops; rules and whitening against their definitions."""

import numpy as np
import pytest

from keras_snow.data import EpisodeSampler
from keras_snow.data import EpisodeShape
from keras_snow.deltas import ResNetDelta
from keras_snow.fewshot import LearnedDistance
from keras_snow.fewshot import Pool
from keras_snow.fewshot import make_rule
from keras_snow.fewshot import score_episodes
from keras_snow.metrics import fisher_ratio
from keras_snow.metrics import measure_whitening
from keras_snow.metrics import shrink_covariance
from keras_snow.sources import Tap

DRAW = np.random.default_rng(0)
LABELS = np.repeat(np.arange(6), 10)
TAPS = (Tap("early", 6, 2), Tap("late", 10, 4))
# Some features tell some classes apart, others hardly vary.
FEATURES = DRAW.normal(size=(60, 16)) + 0.4 * DRAW.normal(size=(6, 16))[LABELS]
FEATURES = (FEATURES * DRAW.uniform(0.1, 3, 16)).astype("float32")
POOL = Pool(tuple("abcdef"), TAPS, FEATURES, LABELS)


@pytest.mark.parametrize("at_once", [100, 4 * 65536])
@pytest.mark.parametrize("cosine", [False, True])
def test_scores_are_those_of_a_loop(cosine, at_once, monkeypatch):
    monkeypatch.setattr("keras_snow.fewshot.scoring.MULTIPLICATIONS", at_once)
    episodes = EpisodeSampler(LABELS, EpisodeShape(4, 3, 5)).draw(0, 7)
    expected = []
    for support, queries in zip(
        episodes.support, episodes.queries, strict=True
    ):
        right = 0
        for way, images in enumerate(queries):
            for image in FEATURES[images]:
                far = []
                for mean in FEATURES[support].mean(axis=1):
                    if cosine:
                        far.append(-image @ mean / np.linalg.norm(mean))
                    else:
                        far.append(np.linalg.norm(image - mean))
                right += np.argmin(far) == way
        expected.append(right / 20)
    found = score_episodes(FEATURES, episodes, cosine)
    np.testing.assert_allclose(found, expected)
    assert found.std() > 0


def test_the_fisher_ratio_is_between_by_within():
    means = np.stack([FEATURES[x == LABELS].mean(axis=0) for x in range(6)])
    within = np.mean((FEATURES - means[LABELS]) ** 2, axis=0)
    np.testing.assert_allclose(
        fisher_ratio(FEATURES, LABELS), means.var(axis=0) / within, rtol=1e-4
    )


@pytest.mark.parametrize("count", [60, 12])
def test_whitening_makes_the_shrunk_covariance_a_sphere(count):
    labels = np.arange(count) % 3
    features = DRAW.normal(size=(count, 16)) * np.arange(1, 17)
    whitening = measure_whitening(features, labels, 0.3)
    for label in range(3):
        features[labels == label] -= features[labels == label].mean(axis=0)
    covariance, _ = shrink_covariance(features.T @ features, count, 0.3)
    root = whitening.apply(np.eye(16))
    sphere = root @ covariance @ root.T
    np.testing.assert_allclose(sphere, sphere[0, 0] * np.eye(16), atol=1e-7)


def test_last_reads_the_last_tap_as_it_is():
    rule = make_rule("last", POOL)
    np.testing.assert_array_equal(rule(FEATURES), FEATURES[:, 6:])


def test_all_weighs_what_tells_base_classes_apart_and_depth():
    found = make_rule("all", POOL)(FEATURES)
    ratio = fisher_ratio(FEATURES, LABELS) * np.repeat([1, 2], [6, 10])
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-6)
    # Deviations near zero are raised, see `steady_deviation`.
    assert np.corrcoef(found.std(axis=0), np.sqrt(ratio))[0, 1] > 0.8


def test_chosen_are_the_eighth_that_a_head_weighs_most():
    delta = ResNetDelta(TAPS, 3)
    early, late = delta.standardised
    kernel = np.zeros(early.kernel.shape)
    kernel[3] = 1e3
    early.kernel.assign(kernel)
    kernel = np.zeros(late.kernel.shape)
    kernel[4] = 1e3
    late.kernel.assign(kernel)
    assert make_rule("chosen", POOL, delta).channels.tolist() == [3, 6 + 4]
    with pytest.raises(ValueError, match="`--run`"):
        make_rule("chosen", POOL)


@pytest.mark.parametrize("whitened", [False, True])
def test_what_is_linear_in_a_rule_is_linear_in_pooled_features(whitened):
    rule = make_rule("all", POOL)
    rule = rule.whitened(POOL) if whitened else rule
    weights, bias = DRAW.normal(size=(3, 16)), DRAW.normal(size=3)
    kernel, shifted = rule.pull_back(weights, bias, 16)
    np.testing.assert_allclose(
        FEATURES @ kernel + shifted,
        rule(FEATURES) @ weights.T + bias,
        rtol=1e-4,
        atol=1e-4,
    )


def test_some_classes_of_a_pool_are_numbered_anew():
    some = POOL.only(["e", "b"])
    assert some.class_names == ("b", "e")
    np.testing.assert_array_equal(some.labels, np.repeat([0, 1], 10))
    np.testing.assert_array_equal(some.features[10:], FEATURES[LABELS == 4])


def test_what_is_learned_scores_as_the_layer_answers():
    episodes = EpisodeSampler(LABELS, EpisodeShape(4, 3, 5)).draw(0, 6)
    learned = LearnedDistance(shots=3, steps=1, distance="cosine")
    learned.fit(FEATURES, LABELS)
    found = learned.score(FEATURES, episodes)
    centred = FEATURES - FEATURES.mean(axis=0)
    np.testing.assert_array_equal(
        found, score_episodes(centred, episodes, cosine=True)
    )
    assert found.std() > 0
