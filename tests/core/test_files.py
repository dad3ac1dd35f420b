"""Files that are there whole or not at all."""

import errno
import hashlib
import os
import pathlib

import pytest

import keras_snow
from keras_snow.core.files import expand_home
from keras_snow.core.files import file_digest
from keras_snow.core.files import read_json
from keras_snow.core.files import replace_atomically
from keras_snow.core.files import write_json


def test_a_file_takes_the_place_of_the_old_one(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("old")
    with replace_atomically(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_the_temporary_file_keeps_the_ending(tmp_path):
    with replace_atomically(tmp_path / "model.keras") as temporary:
        assert temporary.suffix == ".keras"


def test_every_path_is_expanded_in_one_place():
    package = pathlib.Path(keras_snow.__file__).parent
    places = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "expanduser(" in path.read_text(encoding="utf-8")
    ]
    assert places == ["core/files.py"]


def test_folders_are_made(tmp_path):
    with replace_atomically(tmp_path / "a" / "b" / "c.txt") as temporary:
        temporary.write_text("here")
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "here"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_alone(tmp_path, error):
    path = tmp_path / "notes.txt"
    path.write_text("old")

    def write_half():
        with replace_atomically(path) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_a_full_disk_is_one_clear_sentence_and_loses_nothing(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("old")
    with (
        pytest.raises(OSError, match="No space left to write") as error,
        replace_atomically(path),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert error.value.errno == errno.ENOSPC
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_other_errors_of_the_system_pass_unchanged(tmp_path):
    with (
        pytest.raises(PermissionError),
        replace_atomically(tmp_path / "notes.txt"),
    ):
        raise PermissionError(errno.EACCES, "not yours")


def test_json_comes_back_as_it_was(tmp_path):
    data = {"name": "größe", "values": [1, 2.5, None]}
    write_json(tmp_path / "a.json", data)
    assert read_json(tmp_path / "a.json") == data


def test_json_with_nan_is_refused_and_the_old_file_kept(tmp_path):
    write_json(tmp_path / "a.json", {"loss": 1.0})
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"loss": float("nan")})
    assert read_json(tmp_path / "a.json") == {"loss": 1.0}


@pytest.mark.parametrize("content", [b'{"loss": ', b"", b"\xff\xfe\x00"])
def test_damaged_json_names_the_file(tmp_path, content):
    path = tmp_path / "record.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged.*record.json"):
        read_json(path)


def test_a_digest_is_sha256(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"snow")
    assert file_digest(path) == hashlib.sha256(b"snow").hexdigest()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}", "lacks 'status'"),
        ('{"curves": {}}', "lacks 'status'"),
        ("[]", r"holds no names but \[\]"),
        ("null", "holds no names but None"),
    ],
)
def test_json_without_what_it_must_hold_names_the_file(
    tmp_path, content, words
):
    path = tmp_path / "record.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=f"damaged.*{words}.*record.json"):
        read_json(path, ["status"])


def test_json_with_what_it_must_hold_comes_back(tmp_path):
    write_json(tmp_path / "a.json", {"kind": "delta", "more": 1})
    assert read_json(tmp_path / "a.json", ["kind"])["more"] == 1


def test_a_leading_tilde_is_the_user_s_own_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/snow")
    assert expand_home("~/runs") == pathlib.Path("/home/snow/runs")
    assert expand_home("runs/~") == pathlib.Path("runs/~")
    assert expand_home("~no-such-user") == pathlib.Path("~no-such-user")


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_new_file_has_what_the_mask_leaves(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        write_json(tmp_path / "a.json", {})
    finally:
        os.umask(before)
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == mode


def test_a_file_keeps_its_mode_when_it_is_replaced(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("{}")
    path.chmod(0o664)
    write_json(path, {"new": 1})
    assert path.stat().st_mode & 0o777 == 0o664


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_one_and_its_target_is_replaced(tmp_path, exists):
    target, link = tmp_path / "disk" / "a.json", tmp_path / "a.json"
    if exists:
        target.parent.mkdir()
        target.write_text("{}")
    link.symlink_to(target)
    write_json(link, {"new": 1})
    assert link.is_symlink()
    assert read_json(target) == {"new": 1}
    assert os.listdir(target.parent) == ["a.json"]
