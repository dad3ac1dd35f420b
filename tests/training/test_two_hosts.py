"""Two processes on the loopback learn what one learns, and survive a kill."""

import concurrent.futures
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest

from keras_snow.callbacks import model_state

pytestmark = pytest.mark.slow
BED = pathlib.Path(__file__).parent / "two_hosts.py"
# Gloo reduces in another order than one process adds.
TOLERANCE = 1e-5


def start(folder, *, process=None, port=0, batch_size=8, victim=False):
    """Runs the bed as one process of two, or alone."""
    variables = {"KERAS_BACKEND": "jax"}
    if process is not None:
        variables |= {
            "KERAS_DISTRIBUTION_JOB_ADDRESSES": f"127.0.0.1:{port}",
            "KERAS_DISTRIBUTION_NUM_PROCESSES": "2",
            "KERAS_DISTRIBUTION_PROCESS_ID": str(process),
        }
    return subprocess.run(
        [
            sys.executable,
            BED,
            str(folder),
            str(batch_size),
            *["victim"] * victim,
        ],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=1800,
    )


def start_two(folder, victim=None, **options):
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(
                start,
                folder,
                process=index,
                port=port,
                victim=index == victim,
                **options,
            )
            for index in range(2)
        ]
        return [each.result() for each in both]


def found(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def last_state(folder):
    return model_state.load_state(folder / "checkpoints" / "last.npz")


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return found(start(tmp_path_factory.mktemp("one") / "run"))


@pytest.fixture(scope="module")
def folder_of_two(tmp_path_factory):
    return tmp_path_factory.mktemp("two") / "run"


@pytest.fixture(scope="module")
def two(folder_of_two):
    return [found(each) for each in start_two(folder_of_two)]


def test_two_processes_learn_what_one_learns(one, two):
    assert one["device"]["replicas"] == 1
    for index, each in enumerate(two):
        assert each["host"] == index
        assert each["device"]["strategy"] == "multi_host"
        assert each["device"]["processes"] == each["device"]["replicas"] == 2
        for name in ("loss", "val_loss"):
            np.testing.assert_allclose(
                each["curves"][name], one["curves"][name], rtol=TOLERANCE
            )
        ours, theirs = each["results"]["test"], one["results"]["test"]
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=TOLERANCE)


def test_every_process_predicts_what_the_saved_model_predicts(two):
    assert two[0]["logits"] == two[1]["logits"]
    assert two[0]["results"] == two[1]["results"]
    for each in two:
        assert each["reload_moves_logits_by"] == 0.0
        assert each["keras_predict_moves_logits_by"] < TOLERANCE


def test_a_batch_that_does_not_divide_is_refused(tmp_path):
    for done in start_two(tmp_path / "run", batch_size=9):
        assert done.returncode == 1
        assert "must divide evenly among the devices" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("victim", [0, 1])
def test_a_killed_process_ends_the_run_which_goes_on(
    tmp_path, folder_of_two, two, victim
):
    folder = tmp_path / "run"
    done = start_two(folder, victim=victim)
    assert done[victim].returncode == -9
    other = done[1 - victim]
    assert other.returncode == -signal.SIGABRT  # JAX ends it.
    assert "another task died" in other.stderr
    assert last_state(folder)[1]["epochs_done"] == 1
    for each in map(found, start_two(folder)):
        assert each["curves"]["loss"] == two[0]["curves"]["loss"]
        assert each["logits"] == two[0]["logits"]
    whole, _ = last_state(folder_of_two)
    resumed, _ = last_state(folder)
    for name, values in whole.items():
        np.testing.assert_array_equal(resumed[name], values, name)
