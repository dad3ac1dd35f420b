"""Subsets are balanced, nested and refused where images lack."""

import numpy as np
import pytest

from keras_snow.data import Split
from keras_snow.data import Task
from keras_snow.data.array_store import ArrayStore
from keras_snow.data.splitting import stratified_subset

IMAGES = np.arange(40, dtype="uint8").reshape(40, 1, 1, 1).repeat(8, 1)
IMAGES = IMAGES.repeat(8, 2)


@pytest.fixture
def task():
    return Task.from_arrays(IMAGES, np.arange(40) % 4, name="four")


def pixels(task, split="train"):
    part = task.splits[split]
    return {int(part.read(index)[0, 0, 0]) for index in range(len(part))}


def test_a_subset_has_as_many_of_each_class(task):
    subset = task.subset(3)
    assert np.bincount(subset.labels("train")).tolist() == [3] * 4
    assert subset.name == "four-3shot"


def test_a_subset_leaves_the_other_splits_alone(task):
    for split in ("validation", "test"):
        assert pixels(task.subset(1), split) == pixels(task, split)


def test_smaller_subsets_lie_within_larger_ones(task):
    assert pixels(task.subset(2)) < pixels(task.subset(4)) < pixels(task)


def test_subsets_depend_on_the_seed(task):
    assert pixels(task.subset(2, seed=1)) == pixels(task.subset(2, seed=1))
    assert pixels(task.subset(2, seed=1)) != pixels(task.subset(2, seed=2))


def test_too_few_images_are_refused(task):
    with pytest.raises(ValueError, match="per_class=99"):
        task.subset(99)


@pytest.mark.parametrize("per_class", [0, -1])
def test_subsets_are_not_empty(task, per_class):
    with pytest.raises(ValueError, match="at least 1"):
        task.subset(per_class)


def test_subsets_are_whole_numbers():
    task = Task.from_arrays(IMAGES, np.arange(40) % 4)
    with pytest.raises(TypeError, match="whole number"):
        task.subset(0.5)


def test_single_images_stay_in_train():
    task = Task.from_arrays(IMAGES[:5], [0, 0, 0, 0, 1])
    assert np.bincount(task.labels("train")).tolist() == [2, 1]


def test_classes_of_two_keep_one():
    task = Task.from_arrays(IMAGES[:4], [0, 0, 1, 1], test=0.9, validation=0.5)
    assert task.labels("train").tolist() == [0, 1]
    assert task.labels("test").tolist() == [0, 1]
    assert "validation" not in task.splits


@pytest.mark.parametrize("count", [1, 7, 10, 33, 49])
def test_a_stratified_subset_has_the_number_asked_for(count):
    labels = np.repeat([0, 1, 2], [5, 15, 30])
    store = ArrayStore(np.zeros((50, 2, 2, 3), "uint8"))
    everything = Split(store, np.arange(50), labels)
    drawn, rest = stratified_subset(everything, count, seed=3)
    assert len(drawn) == count
    assert sorted([*drawn.indices, *rest.indices]) == list(range(50))
    shares = drawn.counts(3) - count * np.array([0.1, 0.3, 0.6])
    assert np.abs(shares).max() < 1


def test_a_stratified_subset_is_drawn_from_the_seed():
    store = ArrayStore(np.zeros((50, 2, 2, 3), "uint8"))
    everything = Split(store, np.arange(50), np.arange(50) % 2)
    some, same, other = (
        stratified_subset(everything, 10, seed)[0].indices.tolist()
        for seed in (0, 0, 1)
    )
    assert some == same
    assert some != other


def test_a_stratified_subset_leaves_something():
    store = ArrayStore(np.zeros((4, 2, 2, 3), "uint8"))
    everything = Split(store, np.arange(4), np.array([0, 0, 1, 1]))
    with pytest.raises(ValueError, match="count=4 of 4"):
        stratified_subset(everything, 4, seed=0)
