"""Linear probes: what they read, how they choose."""

import numpy as np
import pytest
from keras import ops

from keras_snow.baselines import build_method
from keras_snow.baselines.group_lasso import group_lasso_ranking
from keras_snow.layers import FeatureSelection
from keras_snow.training import train
from tests.baselines.sources import the_source
from tests.toys import STAGES
from tests.toys import images
from tests.training.tiny_runs import QUIET
from tests.training.tiny_runs import RECIPE
from tests.training.tiny_runs import tiny_source
from tests.training.tiny_runs import tiny_task


def numpy(value):
    return ops.convert_to_numpy(value).copy()


def planted(count=300, features=40, seed=0):
    """Features of which 3, 17 and 29 tell the class."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 3, count)
    values = draw.normal(0, 1, (count, features)).astype("float32")
    for index, place in enumerate((3, 17, 29)):
        values[:, place] += 2.0 * (labels == index)
    return (values - values.mean(0)) / values.std(0), labels


def test_the_group_lasso_finds_planted_features():
    ranking = group_lasso_ranking(*planted(), num_classes=3)
    assert sorted(ranking[:3]) == [3, 17, 29]
    assert sorted(ranking) == list(range(40))


def test_the_group_lasso_takes_rows_of_several_classes():
    features, labels = planted()
    rows = np.eye(3, dtype=int)[labels]
    expected = group_lasso_ranking(features, labels, num_classes=3)
    found = group_lasso_ranking(features, rows, num_classes=3)
    np.testing.assert_array_equal(found, expected)
    rows[::7] = [[0, 0, 0]]
    rows[1::7] = 1
    found = group_lasso_ranking(features, rows, num_classes=3)
    assert sorted(found[:3]) == [3, 17, 29]


def test_of_two_equal_features_one_is_enough():
    features, labels = planted()
    features[:, 5] = 0.5 * features[:, 3]
    ranking = list(group_lasso_ranking(features, labels, 3, strength=0.1))
    assert ranking.index(3) < 3 < ranking.index(5)


def test_selected_features_are_standardised_to_one_norm():
    features = np.random.default_rng(0).normal(3, 2, (50, 8))
    layer = FeatureSelection(k=4)
    layer.build((None, 8))
    layer.adapt(features, chosen=[1, 2, 5, 7])
    kept = features[:, [1, 2, 5, 7]]
    expected = (kept - kept.mean(0)) / kept.std(0) * np.sqrt(300 / 4)
    np.testing.assert_allclose(numpy(layer(features)), expected, rtol=1e-3)
    norms = (numpy(layer(features)) ** 2).sum(-1)
    np.testing.assert_allclose(norms.mean(), 300, rtol=1e-3)


def test_a_silent_feature_is_left_at_zero():
    layer = FeatureSelection()
    layer.build((None, 2))
    layer.adapt(np.array([[1.0, 5.0], [2.0, 5.0]]))
    assert not numpy(layer(np.array([[1.0, 5.0]])))[0, 1]


def test_more_features_than_there_are_cannot_be_kept():
    with pytest.raises(ValueError, match="Received: k=9, channels=8"):
        FeatureSelection(9).build((None, 8))


def test_the_last_probe_reads_the_last_tap():
    model = build_method("probe_last", the_source(), 3)
    maps = numpy(the_source()(images())["block3_out"])
    np.testing.assert_allclose(
        numpy(model.features(images())), maps.mean((1, 2)), rtol=1e-4, atol=1e-5
    )


def test_the_probe_of_all_taps_reads_them_in_the_order_of_depth():
    model = build_method("probe_all", the_source(), 3)
    maps = the_source()(images())
    pooled = [numpy(maps[name]).mean((1, 2)) for name in STAGES]
    np.testing.assert_allclose(
        numpy(model.features(images())),
        np.concatenate(pooled, axis=-1),
        rtol=1e-4,
        atol=1e-5,
    )


@pytest.mark.parametrize(("keep", "count"), [(0.25, 16), (5, 5), (1.0, 64)])
def test_it_trains_one_row_for_each_feature_that_is_kept(keep, count):
    model = build_method("probe_all", the_source(), 3, keep=keep)
    assert model.classifier.kernel.shape == (count, 3)


def test_features_are_chosen_by_labels_once():
    model = build_method("probe_all", the_source(), 3, keep=4)
    batch, labels = images(24), np.arange(24) % 3
    features = numpy(model.features(batch))
    standard = (features - features.mean(0)) / features.std(0)
    expected = sorted(group_lasso_ranking(standard, labels, 3)[:4])
    model.calibrate(batch, labels)
    np.testing.assert_array_equal(numpy(model.selection.chosen), expected)
    model.calibrate(batch[:8], labels[:8])
    np.testing.assert_array_equal(numpy(model.selection.chosen), expected)


def test_a_choice_without_labels_is_refused():
    model = build_method("probe_all", the_source(), 3, keep=4)
    with pytest.raises(ValueError, match="keep all: `keep=1.0`"):
        model.calibrate(images(8))


@pytest.mark.parametrize("name", ["probe_last", "probe_all"])
def test_a_probe_learns_a_task_and_its_record_says_so(name):
    model = build_method(name, tiny_source(), 3)
    record = train(
        model,
        tiny_task(),
        RECIPE.replace(epochs=8),
        image_size=16,
        config=QUIET,
    )
    assert record["results"]["test"]["top1"] > 0.6
