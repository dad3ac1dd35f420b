"""What is made in a hidden folder is moved into place, or leaves nothing."""

import os
import pathlib
import subprocess
import sys

import pytest

from keras_snow.core import staging as module
from keras_snow.core.staging import move_into_place
from keras_snow.core.staging import staging
from keras_snow.core.staging import sweep

ROOT = pathlib.Path(__file__).parents[2]
pytest.importorskip("fcntl")

VICTIM = """
import os, signal, sys
from keras_snow.core import staging

def replace(*places):
    if replace.left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    replace.left -= 1
    rename(*places)

replace.left, rename = int(sys.argv[1]), os.replace
os.replace = replace
with staging.staging("shop.xml") as folder:
    for name in ("shop.bin", "shop.xml", "shop.xml.json"):
        (folder / name).write_text(name)
    staging.move_into_place(folder, last="shop.xml.json")
"""


def names(folder):
    return sorted(os.listdir(folder))


@pytest.mark.parametrize("moves", range(3))
def test_what_a_killed_process_left_is_gone_after_the_next(tmp_path, moves):
    (tmp_path / "mine.bin").write_text("mine")
    process = subprocess.run(
        [sys.executable, "-c", VICTIM, str(moves)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert process.returncode == -9
    assert len(names(tmp_path)) == 2 + moves
    with staging(tmp_path / "shop.xml"):
        assert len(names(tmp_path)) == 2
    assert names(tmp_path) == ["mine.bin"]


def test_a_failure_between_two_moves_takes_the_first_back(
    tmp_path, monkeypatch
):
    def fail_for_the_last(here, there):
        if there.name == "b":
            raise OSError("broken")
        rename(here, there)

    rename = os.replace
    monkeypatch.setattr(module.os, "replace", fail_for_the_last)

    def write():
        with staging(tmp_path / "a") as folder:
            (folder / "a").mkdir()
            (folder / "a" / "part").write_text("1")
            (folder / "b").write_text("2")
            move_into_place(folder, last="b")

    with pytest.raises(OSError, match="broken"):
        write()
    assert names(tmp_path) == []
    monkeypatch.undo()
    write()
    assert names(tmp_path) == ["a", "b"]


def test_what_another_process_is_writing_is_left_alone(tmp_path):
    with staging(tmp_path / "a") as one, staging(tmp_path / "a") as other:
        (one / "a").write_text("1")
        sweep(tmp_path)
        assert (one / "a").read_text() == "1"
        assert one != other
    assert names(tmp_path) == []


def test_a_folder_that_is_just_being_made_is_left_alone(tmp_path):
    young = tmp_path / ".snow-young"
    young.mkdir()
    sweep(tmp_path)
    assert young.exists()
    os.utime(young, (0, 0))
    sweep(tmp_path)
    assert not young.exists()


def test_a_link_of_somebody_is_not_followed(tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / ".lock").touch()
    (tmp_path / ".snow-link").symlink_to(tmp_path / "theirs")
    sweep(tmp_path)
    assert (tmp_path / "theirs" / ".lock").exists()
