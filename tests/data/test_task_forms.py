"""A path that leads to no task is named as what it leads to."""

import zipfile

import h5py
import numpy as np
import pytest

from keras_snow.data import Task
from keras_snow.data import load_task
from keras_snow.data.decode import read_image

HEIC = b"\0\0\0\x18ftypheic" + bytes(500)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("README.md", r"a text file \(\.md\)\. A task is read from a folder"),
        ("list.txt", "a text file.*a path and a label in each line"),
        (
            "birds.feather",
            r"read_feather\('birds.feather'\).to_csv\('birds.csv",
        ),
        ("birds.xlsx", "read_excel"),
        ("my birds.zip", "an archive.*zipfile -e 'my birds.zip' my birds`"),
        ("birds.tar.gz", "an archive.*tarfile -e birds.tar.gz birds`"),
        ("birds.TGZ", "tarfile -e birds.TGZ birds`"),
        ("birds.7z", r"an archive \(\.7z\)\. Unpack it"),
        ("birds.npy", r"np.savez\('birds.npz', images=np.load\('birds.npy'\)"),
        ("birds.pkl", "a pickle.*may run code"),
        ("bird.jpg", "an image.*predict RUN bird.jpg"),
        ("bird.HEIC", "an image.*pip install pillow-heif"),
        ("bird.mp4", "a video"),
        ("resnet.onnx", "an ONNX model.*no data set"),
        ("data_batch_1", "a file of another kind. A task is read"),
    ],
)
def test_a_file_is_named_with_the_line_that_converts_it(place, name, words):
    (place / name).write_bytes(b"x")
    with pytest.raises(ValueError, match=words) as caught:
        load_task(name)
    assert f"Received: path='{name}'" in str(caught.value)
    with pytest.raises(NotADirectoryError, match=words):
        Task.from_folder(name)


@pytest.mark.parametrize("ending", ["keras", "KERAS"])
def test_a_model_is_no_data_set(place, ending):
    with zipfile.ZipFile(f"small.{ending}", "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("metadata.json", "{}")
    with pytest.raises(ValueError, match=f"--source small.{ending}`"):
        load_task(f"small.{ending}")


def test_a_file_of_arrays_is_told_from_one_of_weights(place):
    with h5py.File("set.h5", "w") as file:
        file["views"], file["truth"] = np.zeros((2, 4, 4, 3)), np.zeros(2)
    with h5py.File("net.weights.h5", "w") as file:
        file.create_group("layers")
    words = (
        r"holds truth, views.*'set.npz', images=f\['views'\]\[:\], labels=f\["
    )
    with pytest.raises(ValueError, match=words):
        load_task("set.h5")
    with pytest.raises(ValueError, match="weights alone.*no data set"):
        load_task("net.weights.h5")


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ("run.json", "a run of this package that is not finished"),
        ("bundle.json", "a bundle.*bundle predict thing IMAGE"),
        ("saved_model.pb", "a SavedModel.*no data set"),
        ("features.json", "a prepared data set of TensorFlow Datasets"),
        (
            "0.feather",
            "no class folders.*1 files lie in it.*most of them .feath",
        ),
    ],
)
def test_a_folder_of_another_kind_is_named(place, mark, words):
    (place / "thing" / "variables").mkdir(parents=True)
    if mark == "0.feather":
        (place / "thing" / "variables").rmdir()
    (place / "thing" / mark).write_text("{}")
    with pytest.raises(ValueError, match=words):
        load_task("thing")


def test_a_task_that_has_such_a_file_is_a_task(two_classes):
    (two_classes / "features.json").write_text("{}")
    assert load_task(str(two_classes)).num_classes == 2


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("brids", "birds"),
        ("data/brids", "data/birds"),
        ("dta/birds", "data/birds"),
        ("table.CSV", "table.csv"),
        ("table.scv", "table.csv"),
        ("tabel.csv", "table.csv"),
        ("arrays.npx", "arrays.npz"),
    ],
)
def test_a_typo_leads_to_the_neighbour_and_to_no_data_set(place, typed, near):
    for name in ("birds", "data/birds"):
        (place / name).mkdir(parents=True)
    for name in ("table.csv", "arrays.npz"):
        (place / name).touch()
    with pytest.raises(
        (ValueError, OSError), match="There is no such"
    ) as caught:
        load_task(typed)
    assert f"Did you mean `{near}`?" in str(caught.value)
    assert "caltech" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEIC, "HEIC.*pip install pillow-heif"),
        (b"II*\0" + bytes(60), "a TIFF that Pillow can't read"),
        (bytes(128) + b"DICM", "DICOM"),
        (b"<!DOCTYPE html>", "a web page"),
        (b"PK\3\4", "a zip archive"),
    ],
)
def test_a_file_that_is_no_image_is_named(content, words):
    with pytest.raises(
        ValueError, match=f"no image of a known kind, but {words}"
    ):
        read_image(content)
