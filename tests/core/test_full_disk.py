"""A full disk is one sentence, whatever a library raises."""

import collections
import errno
import pathlib

import pytest

from keras_snow.core import full_disk
from keras_snow.core.allocate import new_array_file
from keras_snow.core.full_disk import told_if_full

Usage = collections.namedtuple("Usage", "total used free")


def caused(cause):
    error = RuntimeError("Unable to write the file.")
    error.__context__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EDQUOT, "Quota"),
        RuntimeError("SaveV2: /a/b; No space left on device [Op:SaveV2]"),
        RuntimeError("basic_ios::clear: iostream error"),
        caused(OSError(errno.ENOSPC, "No space")),
    ],
)
def test_a_full_disk_is_recognised(tmp_path, error):
    with (
        pytest.raises(OSError, match="No space left to write.*model") as found,
        told_if_full(tmp_path / "model"),
    ):
        raise error
    assert found.value.errno == errno.ENOSPC


def test_what_a_library_says_of_a_full_disk_does_not_matter(
    tmp_path, monkeypatch
):
    usage = Usage(100, 100, 0)
    monkeypatch.setattr(full_disk.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="No space"), told_if_full(tmp_path / "a"):
        raise RuntimeError("Truncated.")
    with pytest.raises(ValueError, match="ours"), told_if_full(tmp_path / "a"):
        raise ValueError("ours")


def test_a_full_folder_of_temporary_files_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(
        full_disk.tempfile, "gettempdir", lambda: "/var/scratch"
    )
    with (
        pytest.raises(OSError, match="No space left in `/var/scratch`.*TMPDIR"),
        told_if_full("/home/model"),
    ):
        raise OSError(errno.ENOSPC, "No space", "/var/scratch/xyz/saved")


def test_other_errors_pass(tmp_path):
    with (
        pytest.raises(RuntimeError, match="else"),
        told_if_full(tmp_path / "a"),
    ):
        raise RuntimeError("else")


def test_an_array_file_has_its_space_from_the_start(tmp_path):
    path = tmp_path / "maps.npy"
    array = new_array_file(path, "uint8", (3, 100_000))
    state = path.stat()
    assert state.st_blocks * 512 >= state.st_size > 300_000
    assert not array.any()
    array[1] = 7
    del array


@pytest.mark.parametrize("code", [None, errno.EOPNOTSUPP])
def test_where_a_system_cannot_allocate_zeros_are_written(
    tmp_path, monkeypatch, code
):
    def refuse(*_):
        raise AttributeError if code is None else OSError(code, "unable")

    monkeypatch.setattr("os.posix_fallocate", refuse, raising=False)
    path = tmp_path / "maps.npy"
    array = new_array_file(path, "uint8", (3, 100_000))
    assert path.stat().st_blocks * 512 >= 300_000
    assert array.shape == (3, 100_000)
    assert not array.any()


def test_an_array_file_that_does_not_fit_is_not_there(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", refuse, raising=False)
    with pytest.raises(OSError, match="No space left to write.*maps.npy"):
        new_array_file(tmp_path / "maps.npy", "float16", (3, 4))
    assert not list(pathlib.Path(tmp_path).iterdir())
