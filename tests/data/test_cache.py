"""Decoded images are kept, found again, and made anew when damaged."""

import numpy as np
import pytest

from keras_snow.data import Task
from keras_snow.data.cache import cached_reader


@pytest.fixture
def split(two_classes):
    return Task.from_folder(two_classes, test=0, validation=0).splits["train"]


def test_memory_decodes_once(split, monkeypatch):
    read = cached_reader(split, 12, "memory")
    first = read(3)
    assert read(3) is first
    assert first.shape == (12, 16, 3)
    assert cached_reader(split, 12, "memory")(3) is first
    assert cached_reader(split, 10, "memory")(3).shape == (10, 13, 3)


def test_a_folder_is_used_again(split, tmp_path):
    tmp_path = tmp_path / "cache"
    first = cached_reader(split, 12, tmp_path)(3)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == 1
    changed = kept[0].stat().st_mtime_ns
    again = cached_reader(split, 12, tmp_path)(3)
    np.testing.assert_array_equal(first, again)
    assert kept[0].stat().st_mtime_ns == changed


@pytest.mark.parametrize("damage", ["cut", "bit", "empty"])
def test_a_damaged_entry_is_made_anew(split, tmp_path, damage):
    first = cached_reader(split, 12, tmp_path)(3)
    path = next(tmp_path.rglob("*.image"))
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes({"cut": data[:90], "bit": data, "empty": b""}[damage])
    again = cached_reader(split, 12, tmp_path)(3)
    np.testing.assert_array_equal(first, again)


def test_a_changed_image_is_decoded_anew(split, tmp_path):
    import os

    first = cached_reader(split, 12, tmp_path)(3)
    with open(split.name(4), "rb") as file:
        other = file.read()
    with open(split.name(3), "wb") as file:
        file.write(other)
    os.utime(split.name(3), ns=(1, 1))
    assert not np.array_equal(first, cached_reader(split, 12, tmp_path)(3))


def test_a_folder_that_cannot_be_made_is_named(split, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="cache folder can't be made"):
        cached_reader(split, 12, tmp_path / "file" / "cache")


def test_no_space_left_is_told_in_a_sentence(split, tmp_path, monkeypatch):
    import errno
    import os

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    tmp_path = tmp_path / "cache"
    with pytest.raises(OSError, match="No space left on device. Free some"):
        cached_reader(split, 12, tmp_path)(3)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
