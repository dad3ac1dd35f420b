"""A job in a process of its own, and how that process may end."""

import os
import subprocess
import sys

import pytest

from keras_snow.reports import CompareOptions
from keras_snow.reports import launch
from keras_snow.reports.comparison import Comparison
from keras_snow.reports.comparison_folder import ComparisonFolder
from keras_snow.reports.entry import Entry

JOB = {"kind": "check", "methods": {}}


@pytest.fixture
def replaced(monkeypatch, tmp_path):
    """Puts a shell script in the place of the interpreter."""
    if os.name != "posix":
        pytest.skip("a shell script stands in for the child")

    def replace(script):
        path = tmp_path / "child"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(launch.sys, "executable", str(path))

    yield replace
    monkeypatch.undo()
    assert sys.executable


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("kill -KILL $$", "SIGKILL, as systems do that run out of memory"),
        ("echo no >&2; exit 3", "exit code 3"),
    ],
)
def test_a_process_that_dies_is_a_failure_in_a_sentence(
    replaced, tmp_path, script, words
):
    replaced(script)
    outcome = launch.run_in_child(JOB, tmp_path / "log.txt")
    assert outcome["status"] == "failed"
    assert words in outcome["problem"]


def test_what_the_process_says_goes_to_the_log(replaced, tmp_path):
    replaced("echo first >&2; echo second")
    launch.run_in_child(JOB, tmp_path / "log.txt")
    assert (tmp_path / "log.txt").read_text() == "first\nsecond\n"


def test_an_interruption_ends_the_process(replaced, tmp_path, monkeypatch):
    # It reads the job, and leaves when its input is closed.
    replaced(f"cat > /dev/null; touch {tmp_path}/left")
    wait = subprocess.Popen.wait
    calls = []

    def interrupted(self, timeout=None):
        calls.append(timeout)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return wait(self, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        launch.run_in_child(JOB, tmp_path / "log.txt")
    assert (tmp_path / "left").exists()


def test_a_real_process_builds_the_methods(source, tmp_path):
    options = CompareOptions(image_size=16, verbose=False)
    folder = ComparisonFolder(tmp_path / "out")
    comparison = Comparison(folder, source, options)
    problems = comparison.check([Entry("fo"), Entry("bn")])
    assert list(problems) == ["bn"]
    assert "no batch normalisation" in problems["bn"]


def test_the_process_leaves_with_its_parent():
    with subprocess.Popen(
        [sys.executable, "-m", "keras_snow.reports.child", "result.json"],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        # As if the parent had been killed right behind its job.
        process.communicate(b'{"kind": "check", "methods": {}}\n', timeout=120)
    assert process.returncode == 130
