"""Subsets are balanced, nested and refused where images lack."""

import numpy as np
import pytest

from keras_snow.data import Task

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
