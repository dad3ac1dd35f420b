"""Some of the classes of a task: renumbered, named, the same images."""

import numpy as np
import pytest

from keras_snow.data import Task
from keras_snow.data import load_task

NAMES = ["ant", "bee", "cat", "dog", "eel"]


@pytest.fixture(scope="module")
def task():
    pixels = np.arange(50, dtype="uint8").reshape(50, 1, 1, 1)
    images = np.broadcast_to(pixels, (50, 8, 8, 3))
    return Task.from_arrays(images, np.arange(50) % 5, NAMES, name="animals")


def images_by_class(task):
    """Returns the first pixel of each image of each class, of all splits."""
    found = {name: set() for name in task.class_names}
    for split in task.splits.values():
        for index, label in enumerate(split.labels):
            pixel = int(split.read(index)[0, 0, 0])
            found[task.class_names[label]].add(pixel)
    return found


def test_classes_keep_their_images_and_order(task):
    every = images_by_class(task)
    some = task.only(["dog", "bee"])
    assert some.class_names == ("bee", "dog")
    assert images_by_class(some) == {
        name: every[name] for name in ("bee", "dog")
    }
    assert some.name == "animals-2classes"
    assert some.held_out == task.held_out


def test_an_unknown_class_is_refused_with_the_nearest(task):
    with pytest.raises(ValueError, match="`cat`.*Received: class='kat'"):
        task.only(["kat", "dog"])


def test_one_class_is_no_task(task):
    with pytest.raises(ValueError, match="at least two classes"):
        task.only(["cat", "cat"])


def test_halves_share_no_class_and_miss_none(task):
    first, second = task.halves(seed=3)
    assert (first.num_classes, second.num_classes) == (3, 2)
    assert {*first.class_names, *second.class_names} == set(NAMES)
    assert (first.name, second.name) == ("animals-A", "animals-B")
    assert images_by_class(task) == images_by_class(first) | images_by_class(
        second
    )


def test_halves_depend_on_the_seed_alone(task):
    drawn = [task.halves(seed)[0].class_names for seed in range(6)]
    assert drawn == [task.halves(seed)[0].class_names for seed in range(6)]
    assert len(set(drawn)) > 1


def test_a_half_needs_two_classes(task):
    with pytest.raises(ValueError, match="Each half needs two classes"):
        task.only(["ant", "bee", "cat"]).halves()


def test_a_word_and_a_half_make_a_task(tmp_path):
    path = tmp_path / "animals.npz"
    images = np.zeros((50, 8, 8, 3), "uint8")
    np.savez(path, images=images, labels=np.arange(50) % 5, class_names=NAMES)
    half = load_task(path, seed=1, half="B")
    assert half.class_names == load_task(path, seed=1).halves(1)[1].class_names
    both = load_task(path, classes=["ant", "bee", "cat", "dog"], half="A")
    assert both.num_classes == 2
    with pytest.raises(ValueError, match="half='C'"):
        load_task(path, half="C")
