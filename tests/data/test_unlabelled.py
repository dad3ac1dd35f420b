"""Images without classes, at any depth."""

import numpy as np
import pytest
from PIL import Image

from keras_snow.data.labelled_files import FileRules
from keras_snow.data.summary import summarise_task
from keras_snow.data.unlabelled import read_unlabelled

pytestmark = pytest.mark.once


@pytest.fixture
def photos(tmp_path):
    for index, name in enumerate(["a.png", "x/b.png", "x/y/z/c.png"]):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full((8, 8, 3), index, "uint8")
        Image.fromarray(pixels).save(tmp_path / name)
    (tmp_path / "x/notes.txt").write_text("no image")
    return tmp_path


def test_all_images_below_a_folder_are_found(photos):
    found = read_unlabelled(photos)
    train = found.split("train")
    assert [train.read(i)[0, 0, 0] for i in range(3)] == [0, 1, 2]
    assert found.num_classes == 0
    assert found.labels("train").tolist() == [0, 0, 0]
    words = summarise_task(found).splitlines()
    assert words == [f"{photos.name}: no classes", "  train: 3 images"]


def test_bad_files_are_refused_or_left_out(photos):
    (photos / "bad.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match="bad.png"):
        read_unlabelled(photos)
    assert len(read_unlabelled(photos, FileRules(skip_bad=True)).skipped) == 1


def test_a_folder_without_images_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no images"):
        read_unlabelled(tmp_path)
