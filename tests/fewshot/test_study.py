"""A study of few images: its splits, its record, its refusals, going on."""

import json
import re

import keras
import numpy as np
import pytest

from keras_snow.core.claim import claimed_folder
from keras_snow.data import Task
from keras_snow.deltas import ResNetDelta
from keras_snow.fewshot import ClassSplit
from keras_snow.fewshot import FewShotOptions
from keras_snow.fewshot import Learned
from keras_snow.fewshot import few_shot
from keras_snow.fewshot import pool_features
from keras_snow.fewshot import prototype_delta
from keras_snow.fewshot.class_split import draw_classes
from keras_snow.models import SNOWModel
from keras_snow.serving import Bundle
from keras_snow.sources import Source
from tests.toys import residual_network

OPTIONS = FewShotOptions(
    ways=(2, 3),
    shots=(1, 2),
    queries=4,
    episodes=20,
    class_splits=2,
    image_size=32,
    verbose=False,
)


def changed(**options):
    return FewShotOptions(**{**vars(OPTIONS), **options})


def coloured(classes, count=8, seed=0):
    """Returns images of as many colours, noisy."""
    draw = np.random.default_rng(seed)
    colours = draw.integers(0, 200, (classes, 1, 1, 3))
    labels = np.repeat(np.arange(classes), count)
    noise = draw.integers(0, 50, (len(labels), 32, 32, 3))
    return (colours[labels] + noise).astype("uint8"), labels


@pytest.fixture(scope="module")
def source():
    return Source(residual_network())


@pytest.fixture(scope="module")
def task():
    names = [f"c{index}" for index in range(6)]
    return Task.from_arrays(*coloured(6), names, name="colours")


@pytest.fixture(scope="module")
def study(task, source, tmp_path_factory):
    out = tmp_path_factory.mktemp("studies") / "colours"
    return few_shot(task, source, out, OPTIONS), out


def test_novel_classes_are_half_b_and_validation_classes_of_half_a(task):
    for seed in range(3):
        first, second = task.halves(seed)
        split = draw_classes(task.class_names, seed, "novel")
        assert split == ClassSplit(first.class_names, second.class_names)
        held = draw_classes(task.class_names, seed, "validation")
        assert {*held.base, *held.scored} == {*first.class_names}
        assert len(held.scored) == 1


def test_a_class_of_the_base_is_not_scored():
    with pytest.raises(ValueError, match=r"in both: \['bee'\]"):
        ClassSplit(("ant", "bee"), ("bee",))


def test_every_combination_is_scored_on_every_split(study):
    record, out = study
    assert json.loads((out / "fewshot.json").read_text()) == record
    rows = record["rows"]
    keys = [(x["features"], x["distance"], x["ways"], x["shots"]) for x in rows]
    assert len(set(keys)) == len(rows) == 2 * 2 * 2 * 2
    for row in rows:
        assert len(row["accuracies"]) == 2
        low, high = row["interval"]
        assert low <= row["accuracy"] <= high
        assert row["accuracy"] > 1 / row["ways"]
        assert (row["gain"] is None) == (row["features"] == "last")
    assert rows[0]["ways"] == 2
    assert "| last | euclidean | 2 | 1 |" in (out / "fewshot.md").read_text()


def test_a_gain_is_the_difference_on_the_same_episodes(study):
    rows = {
        (x["features"], x["distance"], x["ways"], x["shots"]): x
        for x in study[0]["rows"]
    }
    one = rows["all", "cosine", 3, 1]
    other = rows["last", "cosine", 3, 1]
    assert one["gain"] == pytest.approx(one["accuracy"] - other["accuracy"])


def test_what_was_read_is_not_read_again(study, task, source, monkeypatch):
    record, out = study

    def refuse(*_, **__):
        raise AssertionError("the source ran again")

    monkeypatch.setattr(keras.Model, "predict_on_batch", refuse)
    again = few_shot(task, source, out, OPTIONS)
    assert again["rows"] == record["rows"]


def test_after_a_kill_the_rest_is_read(task, source, tmp_path, monkeypatch):
    monkeypatch.setattr("keras_snow.fewshot.pool.PART", 1)
    whole = pool_features(source, [task], 32)
    calls, run = [], keras.Model.predict_on_batch

    def count(model, images):
        calls.append(len(images))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return run(model, images)

    monkeypatch.setattr(keras.Model, "predict_on_batch", count)
    with pytest.raises(KeyboardInterrupt):
        pool_features(source, [task], 32, tmp_path)
    del calls[:]
    calls += [0, 0]
    pool = pool_features(source, [task], 32, tmp_path)
    np.testing.assert_array_equal(pool.features, whole.features)
    assert sum(calls) == len(pool.labels) - len(task.labels("train"))


def test_another_study_in_the_folder_is_refused(study, task, source):
    _, out = study
    with pytest.raises(ValueError, match=r"options\.seed \(0 there, 1 now\)"):
        few_shot(task, source, out, changed(seed=1))


def test_a_folder_that_is_taken_is_refused(task, source, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "run.json").write_text("{}")
    with pytest.raises(ValueError, match="is not finished, and no study"):
        few_shot(task, source, other, OPTIONS)
    with (
        claimed_folder(tmp_path / "mine", "scoring"),
        pytest.raises(ValueError, match="Another process is scoring"),
    ):
        few_shot(task, source, tmp_path / "mine", OPTIONS)


def test_images_of_several_classes_are_refused(source, tmp_path):
    several = Task.from_arrays(
        np.zeros((4, 8, 8, 3)), [[1, 1], [1, 0]] * 2, multi_label=True
    )
    words = "needs one class an image"
    with pytest.raises(ValueError, match=words):
        few_shot(several, source, tmp_path, OPTIONS)
    with pytest.raises(ValueError, match=words):
        prototype_delta(source, several, 32)


def test_sets_of_classes_are_one_split(source, tmp_path):
    names = [f"c{index}" for index in range(9)]
    images, labels = coloured(9)
    task = Task.from_arrays(images, labels, names, validation=0.0, test=0.0)
    sets = {"base": task.only(names[:3]), "novel": task.only(names[3:])}
    record = few_shot(sets, source, tmp_path, OPTIONS)
    assert record["class_splits"] == [
        {"base": names[:3], "scored": names[3:]},
    ]
    with pytest.raises(ValueError, match="on='validation', found"):
        few_shot(sets, source, tmp_path / "other", changed(on="validation"))


def test_a_run_makes_the_split_and_chooses_maps(task, source, tmp_path):
    delta = ResNetDelta(source.taps, 3)
    for head in delta.standardised:
        head.kernel.assign(
            np.random.default_rng(0).normal(size=head.kernel.shape)
        )
    learned = [Learned(task.class_names[:3], delta)] * 2
    options = changed(features=("all", "chosen"))
    record = few_shot(task, source, tmp_path, options, learned)
    assert record["class_splits"][0]["base"] == list(task.class_names[:3])
    assert {x["features"] for x in record["rows"]} == {"all", "chosen"}


def test_too_few_classes_are_refused_at_once(task, source, tmp_path):
    with pytest.raises(ValueError, match="ways=5, 3 classes"):
        few_shot(task, source, tmp_path, changed(ways=(5,)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ways": ()}, "ways=()"),
        ({"shots": (0,)}, "shots=0"),
        ({"features": ("lst",)}, "`last`"),
        ({"distances": ("euclid",)}, "`euclidean`"),
        ({"on": "test"}, "on='test'"),
        ({"episodes": 1}, "episodes=1"),
    ],
)
def test_bad_options_are_named(changes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        FewShotOptions(**changes)


@pytest.mark.parametrize("distance", ["euclidean", "cosine", "mahalanobis"])
def test_a_delta_of_photographs_answers_with_the_nearest(source, distance):
    images, labels = coloured(6)
    names = [f"c{index}" for index in range(6)]
    every = Task.from_arrays(images, labels, names, validation=0.0, test=0.0)
    task, base = every.only(names[:3]), every.only(names[3:])
    delta, report = prototype_delta(source, task, 32, base, distance)
    assert report.counts == (8, 8, 8)
    assert report.left_out == 24
    assert report.right > 12
    bundle = Bundle(source)
    bundle.add("colours", delta, class_names=task.class_names, image_size=32)
    answers = bundle.predict(images[:24])["colours"].argmax(axis=1)
    assert (answers == labels[:24]).mean() > 0.6


def test_without_other_classes_the_last_tap_alone_is_read(source, task):
    delta, _ = prototype_delta(source, task, 32)
    assert delta.tap_names == [source.taps[-1].name]
    with pytest.raises(ValueError, match="distance='mahalanobis', base=None"):
        prototype_delta(source, task, 32, distance="mahalanobis")


def test_one_photograph_of_each_class_is_enough(source):
    images, labels = coloured(3, count=1)
    task = Task.from_arrays(images, labels, validation=0.0, test=0.0)
    delta, report = prototype_delta(source, task, 32)
    assert (report.counts, report.left_out) == ((1, 1, 1), 0)
    model = SNOWModel(source, delta)
    logits = model.predict(images.astype("float32"), verbose=0)
    assert logits.argmax(axis=1).tolist() == [0, 1, 2]
