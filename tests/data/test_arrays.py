"""Arrays and .npz files become tasks, and bad ones are refused."""

import numpy as np
import pytest

from keras_snow.data import Task
from keras_snow.data import load_task

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), "uint8")
LABELS = np.array([0, 1] * 10)


def test_arrays_are_split():
    task = Task.from_arrays(IMAGES, LABELS, ["cat", "dog"])
    assert task.class_names == ("cat", "dog")
    assert {name: len(part) for name, part in task.splits.items()} == {
        "train": 14,
        "validation": 2,
        "test": 4,
    }


def test_images_are_kept_without_a_copy():
    task = Task.from_arrays(IMAGES, LABELS)
    assert task.splits["train"].store.images is IMAGES


def test_given_splits_are_kept():
    parts = {"train": (IMAGES, LABELS), "test": (IMAGES[:3], LABELS[:3])}
    task = Task.from_arrays(parts, validation=0)
    np.testing.assert_array_equal(task.splits["test"].read(2), IMAGES[2])
    assert task.labels("test").tolist() == [0, 1, 0]


@pytest.mark.parametrize("shape", [(20, 8, 8), (20, 8, 8, 1)])
def test_grey_arrays_become_rgb(shape):
    task = Task.from_arrays(np.full(shape, 7, "uint8"), LABELS)
    assert task.splits["train"].read(0).tolist() == [[[7] * 3] * 8] * 8


def test_floats_are_rounded():
    task = Task.from_arrays(np.full((20, 8, 8, 3), 99.6, "float32"), LABELS)
    assert (task.splits["train"].read(0) == 100).all()


def test_images_may_differ_in_size():
    images = [np.zeros((8 + n, 9, 3), "uint8") for n in range(20)]
    task = Task.from_arrays(images, LABELS, validation=0, test=0)
    assert task.splits["train"].read(5).shape == (13, 9, 3)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 1.5] * 10, "whole numbers"),
        ([0, float("nan")] * 10, "whole numbers"),
        (np.eye(2)[LABELS], "one-hot"),
        ([0, -1] * 10, "between 0 and 1"),
        ([0, 2] * 10, "between 0 and 1"),
        (["a", "b"] * 10, "class numbers"),
        ([0, 1] * 9, "one label for each image"),
        ([0] * 20, "must have training images.*'dog'"),
    ],
)
def test_bad_labels_are_refused(labels, words):
    with pytest.raises(ValueError, match=words):
        Task.from_arrays(IMAGES, labels, ["cat", "dog"])


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 2] * 10, "must have training images.*'1'"),
        ([0] * 20, "at least two classes"),
        ([0, 1000] * 10, "large gaps"),
        ([0, -1] * 10, "must lie between"),
    ],
)
def test_labels_without_names_are_checked_too(labels, words):
    with pytest.raises(ValueError, match=words):
        Task.from_arrays(IMAGES, labels)


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (IMAGES / 255.0, "0-1 by 255"),
        (IMAGES / 127.5 - 1.0, "0-1 by 255"),
        (np.where(IMAGES > 250, np.nan, IMAGES), "not finite"),
        (np.where(IMAGES > 250, np.inf, IMAGES), "not finite"),
        (IMAGES.astype("uint16") * 257, "0 to 255"),
        (IMAGES[..., :2], "must have the shape"),
        (IMAGES[0, 0], "must have the shape"),
        (IMAGES[:, :0], "at least one pixel"),
    ],
)
def test_bad_pixels_are_refused(images, words):
    with pytest.raises(ValueError, match=words):
        Task.from_arrays(images, LABELS[: len(images)])


@pytest.mark.parametrize("images", [None, "images", IMAGES.astype("complex64")])
def test_what_is_no_image_is_a_type_error(images):
    with pytest.raises(TypeError, match="Images must"):
        Task.from_arrays(images, LABELS)


def test_an_empty_set_is_refused():
    with pytest.raises(ValueError, match="data set is empty"):
        Task.from_arrays(IMAGES[:0], LABELS[:0])


def test_unknown_parts_are_refused():
    with pytest.raises(ValueError, match=r"splits=\['dev', 'train'\]"):
        Task.from_arrays({"train": (IMAGES, LABELS), "dev": (IMAGES, LABELS)})


def test_two_classes_of_one_name_are_refused():
    with pytest.raises(ValueError, match="name of its own"):
        Task.from_arrays(IMAGES, LABELS, ["cat", "cat"])


@pytest.mark.parametrize("style", ["{}_images {}_labels", "x_{} y_{}"])
def test_npz_files_are_read(tmp_path, style):
    arrays = {}
    for split, count in (("train", 20), ("val", 4), ("test", 6)):
        images, labels = style.format(split, split).split()
        arrays |= {images: IMAGES[:count], labels: LABELS[:count]}
    np.savez(tmp_path / "pets.npz", class_names=["cat", "dog"], **arrays)
    task = load_task(tmp_path / "pets.npz", skip_bad=True)
    assert task.name == "pets"
    assert task.class_names == ("cat", "dog")
    assert [len(part) for part in task.splits.values()] == [20, 4, 6]


def test_an_npz_of_one_part_is_split(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", images=IMAGES, labels=LABELS)
    assert len(Task.from_npz(tmp_path / "a.npz").splits["train"]) == 14


def write_bad(path, kind):
    np.savez(path, images=IMAGES, labels=LABELS)
    data = path.read_bytes()
    if kind == "cut":
        path.write_bytes(data[:-100])
    elif kind == "text":
        path.write_bytes(b"not an archive")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "objects":
        np.savez(path, images=np.array([None, 1]), labels=LABELS)
    elif kind == "names":
        np.savez(path, pictures=IMAGES, labels=LABELS)
    elif kind == "half":
        np.savez(path, images=IMAGES)
    elif kind == "npy":
        with path.open("wb") as file:
            np.save(file, IMAGES)


@pytest.mark.parametrize(
    "kind", ["cut", "text", "empty", "objects", "names", "half", "npy"]
)
def test_bad_npz_files_are_refused_in_a_sentence(tmp_path, kind):
    write_bad(tmp_path / "bad.npz", kind)
    with pytest.raises(ValueError, match="Received: ") as caught:
        load_task(str(tmp_path / "bad.npz"))
    assert "\n" not in str(caught.value)


def test_a_missing_npz_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no\.npz"):
        load_task(str(tmp_path / "no.npz"))


def write_names(path, names):
    np.savez(path, images=IMAGES, labels=LABELS, class_names=names)
    return Task.from_npz(path).class_names


def test_class_names_of_an_npz_may_be_bytes(tmp_path):
    names = np.array(["cat", "chienne âgée"])
    written = np.char.encode(names, "utf-8")
    found = write_names(tmp_path / "a.npz", written)
    assert found == ("cat", "chienne âgée")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (np.array("cat"), r"a list with a name for each.*shape=\(\)"),
        (np.array([["cat", "dog"]]), r"a list with a name.*shape=\(1, 2\)"),
        (np.array([b"cat", b"\xff"]), "text in UTF-8"),
    ],
)
def test_class_names_of_an_npz_that_are_none_are_refused(
    tmp_path, names, words
):
    with pytest.raises(ValueError, match=f"{words}.*") as caught:
        write_names(tmp_path / "bad.npz", names)
    assert "bad.npz" in str(caught.value)
