"""Published data sets as their archives unpack: what is special to one."""

import pickle

import pytest

from keras_snow.data import load_task
from keras_snow.data.readers.layout import find_layout
from keras_snow.data.readers.layouts import LAYOUTS
from tests.contracts.forms import FORMS
from tests.contracts.forms import draw
from tests.contracts.forms import put_lines

DATA = draw()


def write(name, folder):
    return FORMS[name][0](folder, DATA)


@pytest.mark.parametrize(("flag", "other"), [("1", "0"), ("0", "1")])
def test_the_birds_flag_is_read_by_its_counts(tmp_path, flag, other):
    flags = [flag] * 5994 + [other] * 5794
    numbers = range(1, len(flags) + 1)
    put_lines(tmp_path / "images.txt", [f"{n} 001.A/{n}.jpg" for n in numbers])
    labels = [f"{n} 1" for n in numbers]
    put_lines(tmp_path / "image_class_labels.txt", labels)
    said = [f"{n} {x}" for n, x in zip(numbers, flags, strict=True)]
    put_lines(tmp_path / "train_test_split.txt", said)
    put_lines(tmp_path / "classes.txt", ["1 001.A"])
    layout, root = find_layout(tmp_path, LAYOUTS)
    splits = [row.split for row in layout.list_rows(root)]
    assert splits == ["train"] * 5994 + ["test"] * 5794


def test_a_layout_is_said_in_a_line_and_found_a_folder_below(tmp_path):
    write("food101", tmp_path / "food-101")
    task = load_task(str(tmp_path))
    assert task.form == "Food-101 as published: its own train and test"
    assert set(task.splits) == {"train", "validation", "test"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pacs", "Say which part of PACS.*--part.*art_painting, photo"),
        ("omniglot", "Say which part of Omniglot.*background, evaluation"),
    ],
)
def test_a_part_without_a_usual_one_must_be_said(tmp_path, name, words):
    root = write(name, tmp_path)
    with pytest.raises(ValueError, match=words):
        load_task(str(root))
    with pytest.raises(ValueError, match="No such part.*part='sketch'"):
        load_task(str(root), part="sketch")


def test_a_part_of_what_has_none_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match="--part.*says nothing of the Food-101"
    ):
        load_task(str(write("food101", tmp_path)), part="1")


def test_a_domain_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no such part.*`Art`"):
        load_task(str(write("domains", tmp_path)), part="Arts")


@pytest.mark.parametrize(
    ("name", "path", "line", "words"),
    [
        ("food101", "meta/test.txt", "apple", r"test\.txt', line 1, 'apple'"),
        ("cub", "train_test_split.txt", "1 2", "must say 1 or 0.*flag=2"),
        ("cub", "images.txt", "1", "Line 1 of a list has one word"),
        ("cub", "image_class_labels.txt", "1 1", "lacks an image.*'2'"),
    ],
)
def test_a_bad_line_of_a_list_is_named(tmp_path, name, path, line, words):
    root = write(name, tmp_path)
    lines = [line]
    if path == "train_test_split.txt":
        lines += [f"{n} 1" for n in range(2, 19)]
    put_lines(root / path, lines)
    with pytest.raises(ValueError, match=words):
        load_task(str(root))


def test_an_image_of_a_list_that_is_missing_is_named(tmp_path):
    root = write("food101", tmp_path)
    put_lines(root / "meta/test.txt", ["cat/1", "cat/99"])
    with pytest.raises(FileNotFoundError, match=r"99\.jpg.*line 2 of test.txt"):
        load_task(str(root))


def test_cars_without_the_test_labels_are_split(tmp_path):
    root = write("stanford_cars", tmp_path)
    (root / "devkit/cars_test_annos_withlabels.mat").unlink()
    task = load_task(str(root), validation=0)
    assert {name: len(x) for name, x in task.splits.items()} == {
        "train": 9,
        "test": 3,
    }


class Bomb:
    def __reduce__(self):
        return print, ("boom",)


def test_a_batch_of_cifar_runs_nothing(tmp_path, capsys):
    root = write("cifar10", tmp_path)
    (root / "data_batch_2").write_bytes(pickle.dumps({b"data": Bomb()}))
    words = "holds builtins.print.*may run code.*data_batch_2"
    with pytest.raises(ValueError, match=words):
        load_task(str(root))
    assert "boom" not in capsys.readouterr().out
