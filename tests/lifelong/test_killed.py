"""A sequence that is killed at any moment ends as one that was not."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
from tiny_sequences import OPTIONS

from keras_snow.lifelong import learn

HERE = pathlib.Path(__file__).parent
VICTIM = """
import sys
from tiny_sequences import OPTIONS, colours, stripes
from keras_snow.lifelong import learn
learn([colours(), stripes()], sys.argv[3], sys.argv[1], sys.argv[2], OPTIONS)
"""


def kill_when(path, arguments):
    """Starts a sequence and kills it as soon as a file is there."""
    environment = dict(
        os.environ,
        PYTHONPATH=os.pathsep.join([str(HERE), str(HERE.parents[1])]),
    )
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, *map(str, arguments)], env=environment
    )
    deadline = time.monotonic() + 240
    while not path.exists() and victim.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    victim.send_signal(signal.SIGKILL)
    victim.wait()


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fo", "lf"])
def test_kill_9_in_each_phase(source, tasks, tmp_path, method):
    whole = learn(tasks, method, source, tmp_path / "whole", OPTIONS)
    out = tmp_path / "killed"
    for name in (
        "tasks/01-colours/checkpoints/last.npz",
        "logits/01.npz",
        "tasks/02-stripes/record.json",
        "rows/02.json",
    ):
        kill_when(out / name, [source, out, method])
        assert not (out / "record.json").exists()
    found = learn(tasks, method, source, out, OPTIONS)
    for key in ("matrix", "start", "measures", "identical", "largest_change"):
        assert found[key] == whole[key], key
