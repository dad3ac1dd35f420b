"""Whose an output is while it is written."""

import os

import pytest

from keras_snow.core.claim import claimed_folder
from keras_snow.core.claim import claimed_name

pytest.importorskip("fcntl")


@pytest.mark.parametrize("claimed", [claimed_folder, claimed_name])
def test_who_comes_second_is_refused(tmp_path, claimed):
    place = tmp_path / "runs" / "out"
    with (
        claimed(place, "writing"),
        pytest.raises(ValueError, match="Another process is writing.*out"),
        claimed(place, "writing"),
    ):
        pytest.fail("Two hold it.")
    with claimed(place, "writing"):
        pass


def test_a_failure_leaves_no_empty_folder(tmp_path):
    def fail(folder):
        with claimed_folder(folder, "training"):
            raise KeyboardInterrupt

    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "record.json").touch()
    for name in ("new", "full"):
        with pytest.raises(KeyboardInterrupt):
            fail(tmp_path / name)
    assert os.listdir(tmp_path) == ["full"]
    assert (tmp_path / "full" / "record.json").exists()


def test_a_claimed_name_leaves_nothing(tmp_path):
    with claimed_name(tmp_path / "shop.onnx", "writing"):
        assert os.listdir(tmp_path) == [".shop.onnx.lock"]
    assert os.listdir(tmp_path) == []
