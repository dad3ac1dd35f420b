"""Folders of a few-shot study are read as what they are."""

import numpy as np
import pytest
from PIL import Image

from keras_snow.data.class_sets import find_class_sets
from keras_snow.data.class_sets import join_class_sets
from keras_snow.data.class_sets import read_class_sets

SETS = {"base": "abc", "validation": "de", "novel": "fg"}


def draw(root, sets):
    for kind, classes in sets.items():
        for name in classes:
            (root / kind / name).mkdir(parents=True)
            for index in range(2):
                path = root / kind / name / f"{index}.png"
                Image.fromarray(np.zeros((8, 8, 3), "uint8")).save(path)
    return root


def test_sets_are_tasks_with_all_images_in_train(tmp_path):
    found = read_class_sets(draw(tmp_path, SETS))
    assert list(found) == ["base", "validation", "novel"]
    for kind, task in found.items():
        assert task.class_names == tuple(SETS[kind])
        assert {x: len(y) for x, y in task.splits.items()} == {
            "train": 2 * task.num_classes
        }


def test_joined_sets_are_splits_of_one_task(tmp_path):
    sets = read_class_sets(draw(tmp_path, SETS))
    task = join_class_sets("letters", sets)
    assert task.class_names == tuple("abcdefg")
    labels = {name: set(task.labels(name)) for name in task.splits}
    assert labels == {"train": {0, 1, 2}, "validation": {3, 4}, "test": {5, 6}}
    assert task.split("test").name(0) == sets["novel"].split("train").name(0)


@pytest.mark.parametrize(
    "names", [("train", "val", "test"), ("Seen", "validation_set", "Unseen")]
)
def test_sets_may_be_called_otherwise(tmp_path, names):
    sets = dict(zip(names, SETS.values(), strict=True))
    found = find_class_sets(draw(tmp_path, sets))
    assert [x.name for x in found.values()] == list(names)
    assert list(found) == list(SETS)


@pytest.mark.parametrize(
    "sets",
    [
        {"train": "ab", "test": "ab"},
        {"base": "ab", "validation": "cd"},
        {"base": "ab", "novel": "cd", "others": "ef"},
        {"ant": "", "bee": ""},
    ],
)
def test_other_folders_are_none(tmp_path, sets):
    assert read_class_sets(draw(tmp_path, sets)) == {}


def test_neither_are_files_and_names(tmp_path):
    (tmp_path / "task.npz").touch()
    assert find_class_sets(tmp_path / "task.npz") == {}
    assert find_class_sets("cars196") == {}


def test_all_sets_have_one_range(tmp_path):
    for name, white in (("base", 1000), ("novel", 4000)):
        for label in "ab":
            place = tmp_path / name / f"{name}_{label}"
            place.mkdir(parents=True)
            values = np.full((4, 4), white, "uint16")
            Image.fromarray(values).save(place / "0.png")
    for task in read_class_sets(tmp_path).values():
        assert task.value_range == (0, 4095)
