"""exclusive: one process at a time."""

import errno
import math

import pytest

from keras_snow.core.lock import exclusive

fcntl = pytest.importorskip("fcntl")


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
    def flock(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    entered = False
    with exclusive(tmp_path / ".lock", "never said", math.inf):
        entered = True
    assert entered
