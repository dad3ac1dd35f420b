"""A chief hands out trials, and waits for nobody who is gone."""

import json
import os
import socket
import subprocess
import sys
import threading

import pytest

from keras_snow.tuning import Dimension
from keras_snow.tuning.oracles import make_oracle
from keras_snow.tuning.search import Search
from keras_snow.tuning.trial_runner import Outcome
from keras_snow.tuning.workers import Place
from keras_snow.tuning.workers import find_place
from keras_snow.tuning.workers import follow
from keras_snow.tuning.workers import lead
from tests.cli.conftest import draw

SPACE = {"k": Dimension((1, 2, 4, 8))}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def oracle_in(folder, max_trials=None):
    return make_oracle("grid", SPACE, max_trials, 1, 0, folder / "tuner")


@pytest.fixture
def place(monkeypatch):
    """A worker's, on the loopback."""
    port = free_port()
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker1")
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    monkeypatch.setenv("KERASTUNER_ORACLE_PORT", str(port))
    return find_place()


class Pretender:
    def __init__(self):
        self.ran = []

    def run(self, trials):
        for trial in trials:
            k = trial.hyperparameters.values["k"]
            self.ran.append(k)
            yield trial, Outcome("name", {"val_top1": k / 8, "val_loss": 1}, 1)


class Chief(threading.Thread):
    """Leads in a thread, and keeps what went wrong."""

    def __init__(self, oracle, place, patience):
        super().__init__(daemon=True)
        self.oracle, self.place, self.patience = oracle, place, patience
        self.problem = None

    def run(self):
        try:
            lead(self.oracle, self.place, self.patience)
        except ValueError as error:
            self.problem = str(error)


def test_a_worker_runs_what_the_chief_hands_out(place, tmp_path):
    oracle = oracle_in(tmp_path)
    chief = Chief(oracle, place, patience=6.0)
    chief.start()
    runner = Pretender()
    with follow(oracle_in(tmp_path / "own"), place, patience=6.0) as client:
        Search(runner, 2, verbose=False).run(client, place.name)
    chief.join(timeout=30)
    assert chief.problem is None
    assert not chief.is_alive()
    assert sorted(runner.ran) == [1, 2, 4, 8]
    assert oracle.get_best_trials(1)[0].score == 1.0


def test_the_trials_of_a_lost_worker_go_to_another(place, tmp_path):
    oracle = oracle_in(tmp_path)
    lost = oracle.create_trial("worker0-0")
    chief = Chief(oracle, place, patience=1.5)
    chief.start()
    with follow(oracle_in(tmp_path / "own"), place, patience=1.5) as client:
        client.create_trial("worker0-0")  # The last that is heard of it.
        runner = Pretender()
        Search(runner, 1, verbose=False).run(client, place.name)
    chief.join(timeout=30)
    assert chief.problem is None
    assert sorted(runner.ran) == [1, 2, 4, 8]
    assert str(oracle.trials[lost.trial_id].status) == "COMPLETED"


def test_a_chief_without_workers_ends(place, tmp_path):
    chief = Chief(oracle_in(tmp_path), place, patience=0.1)
    chief.start()
    chief.join(timeout=30)
    assert "No worker is left" in chief.problem


def test_a_worker_without_a_chief_ends(place, tmp_path):
    with (
        pytest.raises(ValueError, match="chief.*does not answer"),
        follow(oracle_in(tmp_path), place, patience=0.1),
    ):
        pass


def test_half_of_the_variables_are_not_enough(monkeypatch):
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    monkeypatch.delenv("KERASTUNER_ORACLE_PORT", raising=False)
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "chief")
    with pytest.raises(ValueError, match="without KERASTUNER_ORACLE_PORT"):
        find_place()


def test_who_is_what():
    assert Place("chief", "ip:1").is_chief
    assert not Place("chief", "ip:1").is_worker
    assert not Place().is_worker


@pytest.mark.slow
def test_three_processes_search_together(tmp_path):
    import keras
    from keras import layers

    image = keras.Input((None, None, 3))
    maps = layers.Conv2D(8, 3, 2, activation="relu", name="first")(image)
    maps = layers.Conv2D(8, 3, 2, activation="relu", name="second")(maps)
    keras.Model(image, maps).save(tmp_path / "small.keras")
    folder = draw(tmp_path / "colours")
    command = [
        *(sys.executable, "-m", "keras_snow.cli", "tune", str(folder)),
        *("--source", str(tmp_path / "small.keras"), "--tuner", "grid"),
        *("--search", "", "--space", "k=1,2,4,8", "--out", "out"),
        *("--image-size", "32", "--batch-size", "8", "--epochs", "1"),
        *("--side-by-side", "2", "--quiet"),
    ]
    shared = {
        **os.environ,
        "KERASTUNER_ORACLE_IP": "127.0.0.1",
        "KERASTUNER_ORACLE_PORT": str(free_port()),
    }
    processes = [
        subprocess.Popen(
            command,
            cwd=tmp_path,
            env={**shared, "KERASTUNER_TUNER_ID": name},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("chief", "worker0", "worker1")
    ]
    for process in processes:
        _, problems = process.communicate(timeout=600)
        assert process.returncode == 0, problems
    rows = json.loads((tmp_path / "out" / "trials.json").read_text())
    assert [row["status"] for row in rows] == ["COMPLETED"] * 4
    assert {row["settings"]["k"] for row in rows} == {1, 2, 4, 8}
