"""Folders of images become tasks, and bad folders are refused."""

import os
import re

import numpy as np
import pytest
from PIL import Image

from keras_snow.data import Task
from keras_snow.data import load_task


def names(task, split):
    part = task.splits[split]
    return [part.name(index) for index in range(len(part))]


def test_one_tree_is_split_with_the_same_share_of_each_class(two_classes):
    task = Task.from_folder(two_classes, validation=0.25, test=0.2)
    assert task.class_names == ("cat", "dog")
    assert task.name == "pets"
    for split, count in {"train": 6, "validation": 2, "test": 2}.items():
        assert np.bincount(task.labels(split)).tolist() == [count, count]


def test_splits_share_nothing_and_lose_nothing(two_classes):
    task = Task.from_folder(two_classes)
    everything = sum((names(task, split) for split in task.splits), [])
    assert len(everything) == len(set(everything)) == 20


def test_splits_depend_on_the_seed_alone(two_classes):
    first, again, other = (
        names(Task.from_folder(two_classes, seed=seed), "test")
        for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_a_link_back_is_not_followed(two_classes):
    expected = len(names(Task.from_folder(two_classes, test=0), "train"))
    inner = two_classes / "cat" / "more"
    inner.mkdir()
    (inner / "up").symlink_to("..")
    (inner / "top").symlink_to(two_classes)
    (inner / "self").symlink_to(inner)
    found = Task.from_folder(two_classes, test=0, skip_bad=True)
    assert len(names(found, "train")) == expected


def test_a_link_elsewhere_is_followed(two_classes, tmp_path):
    kept = tmp_path / "kept"
    (two_classes / "cat").rename(kept)
    (two_classes / "cat").symlink_to(kept)
    task = Task.from_folder(two_classes)
    assert np.bincount(task.labels("train")).tolist() == [7, 7]


def test_labels_are_those_of_the_folders(two_classes):
    task = Task.from_folder(two_classes)
    for name, label in zip(
        names(task, "train"), task.labels("train"), strict=True
    ):
        assert task.class_names[label] in name


@pytest.mark.parametrize("validation", ["val", None])
def test_split_folders_are_taken_as_they_are(
    validation, tmp_path, write_classes
):
    write_classes(tmp_path / "train", {"a": 10, "b": 10})
    write_classes(tmp_path / "test", {"a": 2, "b": 3}, start=50)
    if validation:
        write_classes(tmp_path / validation, {"a": 1, "b": 1}, start=90)
    task = Task.from_folder(tmp_path)
    sizes = {name: len(part) for name, part in task.splits.items()}
    train = 20 if validation else 18
    assert sizes == {"train": train, "validation": 2, "test": 5}


def test_no_validation_if_none_is_wanted(two_classes):
    task = Task.from_folder(two_classes, validation=0)
    assert list(task.splits) == ["train", "test"]


def test_a_class_may_be_called_train(tmp_path, write_classes):
    write_classes(tmp_path, {"boat": 4, "car": 4, "train": 4})
    assert Task.from_folder(tmp_path).class_names == ("boat", "car", "train")


def test_images_below_subfolders_count_and_litter_does_not(
    two_classes, write_classes
):
    write_classes(two_classes / "cat", {"kittens": 5}, start=500)
    for litter in (".DS_Store", "Thumbs.db"):
        (two_classes / "dog" / litter).write_bytes(b"litter")
    (two_classes / ".hidden").mkdir()
    (two_classes / "README.md").write_text("Pets.")
    task = Task.from_folder(two_classes, test=0, validation=0)
    assert np.bincount(task.labels("train")).tolist() == [15, 10]


def test_webp_and_upper_case_endings_are_not_lost(two_classes):
    image = Image.new("RGB", (8, 8))
    image.save(two_classes / "cat" / "x.webp")
    image.save(two_classes / "cat" / "y.JPG", "JPEG")
    task = Task.from_folder(two_classes, test=0, validation=0)
    assert len(task.splits["train"]) == 22


def refuses(path, words, error=ValueError, **options):
    with pytest.raises(error, match=words) as caught:
        Task.from_folder(path, **options)
    assert "Received: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_refused(tmp_path):
    refuses(tmp_path / "no", "no such folder", FileNotFoundError)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"")
    refuses(tmp_path / "x.jpg", "read from a folder", NotADirectoryError)


def test_an_empty_folder_is_refused(tmp_path):
    refuses(tmp_path, "no class folders")


def test_a_folder_of_images_without_classes_is_refused(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    refuses(tmp_path, "no class folders.* 1 files lie in it directly")


def test_one_class_is_refused(tmp_path, write_classes):
    refuses(write_classes(tmp_path / "x", {"cat": 4}), "at least two classes")


def test_an_empty_class_is_named(two_classes):
    (two_classes / "emu").mkdir()
    refuses(two_classes, "holds no images.*'emu'")


def test_a_test_class_without_training_images_is_named(tmp_path, write_classes):
    write_classes(tmp_path / "train", {"a": 2, "b": 2})
    write_classes(tmp_path / "test", {"a": 2, "zebra": 2})
    refuses(tmp_path, "train folder lacks.*'zebra'")


def test_test_without_train_is_refused(tmp_path, write_classes):
    write_classes(tmp_path / "test", {"a": 2, "b": 2})
    refuses(tmp_path, "needs `train/` too")


def test_two_validation_folders_are_refused(tmp_path, write_classes):
    for name in ("train", "val", "validation"):
        write_classes(tmp_path / name, {"a": 2, "b": 2})
    refuses(tmp_path, "Two folders hold the validation images")


def test_an_image_beside_the_classes_is_named(two_classes):
    Image.new("RGB", (8, 8)).save(two_classes / "lost.png")
    refuses(two_classes, r"no class.*lost\.png")


@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan")])
def test_fractions_lie_between_0_and_1(two_classes, fraction):
    with pytest.raises(ValueError, match="validation="):
        Task.from_folder(two_classes, validation=fraction)


def spoil(folder):
    """Adds a bad file of each kind; returns their names."""
    whole = next((folder / "cat").glob("*.png")).read_bytes()
    bad = {
        "cut.png": whole[:-400],
        "empty.jpg": b"",
        "notes.txt": b"not an image",
    }
    for name, content in bad.items():
        (folder / "dog" / name).write_bytes(content)
    return sorted(bad)


@pytest.mark.parametrize("name", ["cut.png", "empty.jpg", "notes.txt"])
def test_a_bad_file_is_named(two_classes, name):
    for other in spoil(two_classes):
        if other != name:
            (two_classes / "dog" / other).unlink()
    refuses(two_classes, re.escape(name))


def test_bad_files_are_skipped_and_listed_if_wanted(two_classes):
    bad = spoil(two_classes)
    task = Task.from_folder(two_classes, skip_bad=True, test=0, validation=0)
    assert [os.path.basename(file.path) for file in task.skipped] == bad
    assert all(file.reason for file in task.skipped)
    assert np.bincount(task.labels("train")).tolist() == [10, 10]


def test_a_class_of_bad_files_alone_is_refused(two_classes):
    (two_classes / "emu").mkdir()
    (two_classes / "emu" / "x.png").write_bytes(b"")
    refuses(two_classes, "must have training images.*emu", skip_bad=True)


def test_images_above_the_pixel_limit_are_named(two_classes):
    Image.new("RGB", (100, 100)).save(two_classes / "dog" / "large.png")
    refuses(two_classes, r"limit of 9,999.*large\.png", max_pixels=9_999)
    task = Task.from_folder(two_classes, skip_bad=True, max_pixels=9_999)
    assert len(task.skipped) == 1


def test_the_fingerprint_tells_tasks_apart(two_classes, tmp_path):
    import shutil

    first = Task.from_folder(two_classes)
    copy = shutil.copytree(two_classes, tmp_path / "elsewhere")
    assert first.fingerprint == Task.from_folder(copy).fingerprint
    assert first.fingerprint != Task.from_folder(copy, seed=1).fingerprint


def test_load_task_takes_a_folder(two_classes):
    assert (
        load_task(str(two_classes), test=0.5).splits["test"].labels.size == 10
    )


def test_load_task_names_what_it_knows():
    with pytest.raises(ValueError, match="Did you mean `food101`"):
        load_task("food11")


def test_a_split_that_is_not_there_is_named(two_classes):
    task = Task.from_folder(two_classes, validation=0)
    with pytest.raises(ValueError, match="only train, test"):
        task.labels("validation")


def test_a_strip_is_named_and_can_be_skipped(two_classes):
    Image.new("1", (1, 1_000_000)).save(two_classes / "dog" / "strip.png")
    refuses(two_classes, r"too narrow.*strip\.png', 1x1000000 pixels")
    task = Task.from_folder(two_classes, skip_bad=True)
    (skipped,) = task.skipped
    assert skipped.path.endswith("strip.png")
    assert "too narrow" in skipped.reason


@pytest.mark.parametrize("other", ["test", "validation", "val"])
def test_a_folder_beside_the_splits_is_named(tmp_path, write_classes, other):
    write_classes(tmp_path / "train", {"a": 10, "b": 10})
    write_classes(tmp_path / other, {"a": 2, "b": 2}, start=50)
    for hidden in (".cache", "__MACOSX"):
        (tmp_path / hidden).mkdir()
    assert Task.from_folder(tmp_path).class_names == ("a", "b")
    write_classes(tmp_path / "extra", {"a": 1}, start=90)
    refuses(tmp_path, "Beside the folders of splits.*'extra'")


def test_an_empty_name_is_not_the_current_folder(two_classes, monkeypatch):
    monkeypatch.chdir(two_classes)
    with pytest.raises(ValueError, match="name of the task is empty.*task=''"):
        load_task("")
    assert load_task(".").name == "pets"


def test_a_folder_may_be_called_like_the_home_of_no_user(
    tmp_path, write_classes, monkeypatch
):
    write_classes(tmp_path / "~no-such-user", {"cat": 4, "dog": 4})
    monkeypatch.chdir(tmp_path)
    assert Task.from_folder("~no-such-user").name == "~no-such-user"


def test_the_name_of_no_user_is_an_unknown_task():
    with pytest.raises(ValueError, match="no such folder or file"):
        load_task("~no-such-user/birds")
