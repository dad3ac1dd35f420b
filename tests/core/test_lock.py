"""exclusive: one process at a time."""

import errno
import math
import subprocess
import sys

import filelock
import pytest

from keras_snow.core.lock import exclusive

HOLDER = """
import pathlib, sys, time
from keras_snow.core.lock import exclusive
with exclusive(pathlib.Path(sys.argv[1]), "The holder was refused."):
    print("held", flush=True)
    time.sleep(60)
"""


def test_who_comes_second_is_refused_until_the_first_is_done(tmp_path):
    path = tmp_path / ".lock"
    with (
        exclusive(path, "mine"),
        pytest.raises(ValueError, match="yours"),
        exclusive(path, "yours"),
    ):
        pytest.fail("Two hold the lock.")
    with exclusive(path, "yours"):
        pass


def test_where_a_file_system_has_no_locks_nobody_waits(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock, "lock_descriptor", refuse)
    entered = False
    with exclusive(tmp_path / ".lock", "never said", math.inf):
        entered = True
    assert entered


def test_a_killed_process_gives_its_lock_back(tmp_path):
    path = tmp_path / ".lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(ValueError, match="in use"),
            exclusive(path, "in use"),
        ):
            pytest.fail("Two hold the lock.")
        holder.kill()
    with exclusive(path, "still in use"):
        pass


def test_one_process_waits_for_another(tmp_path):
    path = tmp_path / ".lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER.replace("60", "0.3"), path],
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with exclusive(path, "too slow", patience=30.0):
            pass
