"""TFDS names become tasks; what can't be fetched says how to supply it."""

import warnings
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from keras_snow.data import Split
from keras_snow.data import load_task
from keras_snow.data import training_batches
from keras_snow.data.encoded_store import EncodedStore
from keras_snow.data.readers.tfds import _encoded
from keras_snow.data.readers.tfds import _range_of
from keras_snow.data.task import Task

pytestmark = [
    pytest.mark.skipif(
        keras.backend.backend() != "tensorflow", reason="TFDS reads with it"
    ),
    pytest.mark.filterwarnings("ignore"),
]
tfds = pytest.importorskip("tensorflow_datasets")

CLASSES = {
    "cars196": 196,
    "caltech_birds2011": 200,
    "dtd": 47,
    "food101": 101,
    "stanford40_actions": 40,
}


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    """No test may wait for a host."""
    import socket
    import urllib.request

    def refuse(*_, **__):
        raise OSError("offline")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(urllib.request, "getproxies", dict)


@pytest.mark.parametrize("name", CLASSES)
def test_known_sets_become_tasks(name):
    with tfds.testing.mock_data(num_examples=6):
        task = load_task(name, validation=0.0, skip_bad=True)
        assert task.num_classes == CLASSES[name]
        assert task.name == name
        assert [len(part) for part in task.splits.values()] == [6, 6]
        batches = training_batches(task, 16, 3)
        images, labels = batches.reader(0)
    assert images.shape == (3, 16, 16, 3)
    assert set(labels) <= set(task.labels("train"))


def test_dtd_trains_on_the_papers_two_parts():
    asked = []

    def as_dataset(self, split, **_):
        import tensorflow as tf

        asked.append(str(split))
        examples = {
            "image": np.zeros((47, 8, 8, 3), "uint8"),
            "label": np.arange(47),
        }
        return tf.data.Dataset.from_tensor_slices(examples)

    with tfds.testing.mock_data(as_dataset_fn=as_dataset):
        task = Task.from_tfds("dtd", validation=0)
    assert asked == ["train+validation", "test"]
    assert task.class_names[:2] == ("banded", "blotchy")


def test_a_set_of_more_than_8_bits_has_one_range():
    features = {"image": SimpleNamespace(np_dtype=np.uint16)}
    info = SimpleNamespace(features=features)
    builder = SimpleNamespace(name="scans", info=info)
    splits = {}
    for part, high in (("train", 900), ("test", 4000)):
        store = EncodedStore(part)
        store.append(_encoded(np.full((4, 4, 1), high, "uint16")))
        splits[part] = Split(store, np.arange(1), np.zeros(1, "int32"))
    assert _range_of(builder, splits) == (0, 4095)
    features["image"].np_dtype = np.uint8
    assert _range_of(builder, splits) is None


def test_the_dead_host_of_cars_says_where_files_go(tmp_path):
    with pytest.raises(OSError, match="gone since 2023") as caught:
        Task.from_tfds("cars196", data_dir=tmp_path)
    message = str(caught.value)
    assert str(tmp_path / "downloads" / "manual") in message
    assert "cars_test_annos_withlabels.mat" in message


def test_cars_placed_by_hand_are_taken(tmp_path):
    manual = tmp_path / "downloads" / "manual"
    manual.mkdir(parents=True)
    for name in (
        "cars_train.tgz",
        "cars_test.tgz",
        "car_devkit.tgz",
        "cars_test_annos_withlabels.mat",
    ):
        (manual / name).write_bytes(b"not the real archive")
    with pytest.raises(OSError, match="can't be prepared") as caught:
        Task.from_tfds("cars196", data_dir=tmp_path)
    assert "checksum" in str(caught.value).lower()


@pytest.mark.parametrize("name", ["dtd", "caltech_birds2011", "food101"])
def test_an_unreachable_host_is_told_at_once(tmp_path, name):
    with pytest.raises(OSError, match="host can't be reached") as caught:
        Task.from_tfds(name, data_dir=tmp_path)
    assert "http" in str(caught.value)
    assert "folder of images" in str(caught.value)


def test_unknown_names_list_the_known(tmp_path):
    with pytest.raises(ValueError, match="Did you mean `cars196`"):
        Task.from_tfds("cars169", data_dir=tmp_path)


def write_stanford40(folder):
    from keras_snow.data.readers.stanford40 import ACTIONS

    for part in ("JPEGImages", "ImageSplits"):
        (folder / part).mkdir(parents=True)
    for number, action in enumerate(ACTIONS):
        for part, count in (("train", 2), ("test", 1)):
            names = [f"{action}_{part}{n}.jpg" for n in range(count)]
            for name in names:
                image = Image.new("RGB", (12, 10), (6 * number, 9, 9))
                image.save(folder / "JPEGImages" / name, quality=95)
            (folder / "ImageSplits" / f"{action}_{part}.txt").write_text(
                "\n".join(names) + "\n"
            )


@pytest.mark.parametrize("packed", [False, True])
def test_stanford_40_is_read_from_files_placed_by_hand(tmp_path, packed):
    import shutil

    manual = tmp_path / "downloads" / "manual"
    write_stanford40(manual)
    if packed:
        for part in ("JPEGImages", "ImageSplits"):
            shutil.make_archive(
                str(manual / f"Stanford40_{part}"), "zip", manual, part
            )
            shutil.rmtree(manual / part)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        task = load_task("stanford40_actions", data_dir=tmp_path, validation=0)
    assert task.num_classes == 40
    assert np.bincount(task.labels("train")).tolist() == [2] * 40
    assert np.bincount(task.labels("test")).tolist() == [1] * 40
    part = task.splits["train"]
    reds = [int(part.read(n)[0, 0, 0]) for n in range(len(part))]
    np.testing.assert_allclose(reds, 6 * part.labels, atol=4)


def test_stanford_40_says_what_to_place(tmp_path):
    with pytest.raises(OSError, match=r"Stanford40_JPEGImages\.zip"):
        Task.from_tfds("stanford40_actions", data_dir=tmp_path)
