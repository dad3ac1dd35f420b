"""The processes of a run on several hosts find, and miss, each other."""

import contextlib
import dataclasses
import json
import socket
import threading

import keras
import numpy as np
import pytest
from tiny_runs import tiny_head

from keras_snow.callbacks import RunState
from keras_snow.core.host_values import on_this_host
from keras_snow.training import TrainingOptions
from keras_snow.training import checks
from keras_snow.training import choose_placement
from keras_snow.training import hosts
from keras_snow.training import peers
from keras_snow.training.host_plan import HostPlan
from keras_snow.training.host_plan import find_plan
from keras_snow.training.hosts import Hosts
from keras_snow.training.peers import Peers
from keras_snow.training.roll_call import call_roll
from keras_snow.training.shared_checkpoints import SharedCheckpoints

KERAS = "KERAS_DISTRIBUTION_"


def keras_variables(addresses="10.0.0.1:61000", **others):
    found = {"JOB_ADDRESSES": addresses, **others}
    return {KERAS + name: value for name, value in found.items()}


def tf_config(kind, index, **cluster):
    config = {"cluster": cluster, "task": {"type": kind, "index": index}}
    return {"TF_CONFIG": json.dumps(config)}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"SLURM_JOB_ID": "3"}, None),
        (
            keras_variables(NUM_PROCESSES="2", PROCESS_ID="1"),
            HostPlan("10.0.0.1:61000", 2, 1),
        ),
        (
            keras_variables("a:1,b:1,c:1", PROCESS_ID="2"),
            HostPlan("a:1", 3, 2),
        ),
        (
            keras_variables() | {"PMI_SIZE": "4", "PMI_RANK": "3"},
            HostPlan("10.0.0.1:61000", 4, 3),
        ),
        (
            keras_variables(NUM_PROCESSES="2") | {"JOB_COMPLETION_INDEX": "0"},
            HostPlan("10.0.0.1:61000", 2, 0),
        ),
        (
            tf_config("worker", 0, chief=["a:1"], worker=["b:2", "c:3"]),
            HostPlan("a:1", 3, 1),
        ),
        (
            {
                "SLURM_JOB_ID": "4001",
                "SLURM_STEP_NODELIST": "gpu-[007-009,12]-x,login",
                "SLURM_NTASKS": "4",
                "SLURM_PROCID": "2",
            },
            HostPlan("gpu-007-x:61001", 4, 2),
        ),
    ],
    ids=str,
)
def test_the_launcher_says_which_processes_there_are(environment, expected):
    assert find_plan(environment) == expected


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (keras_variables("a"), "NUM_PROCESSES"),
        (keras_variables("a", NUM_PROCESSES="2", PROCESS_ID="0"), "free port"),
        (keras_variables("a:1", NUM_PROCESSES="2", PROCESS_ID="2"), "from 0"),
        (keras_variables(NUM_PROCESSES="two"), "whole number"),
        (
            keras_variables("a:1,b:1", NUM_PROCESSES="3", PROCESS_ID="0"),
            "2 addresses for 3",
        ),
        ({"TF_CONFIG": "{"}, "could not be read"),
        (tf_config("ps", 0, ps=["a:1"], worker=["b:1"]), "type 'ps'"),
        (
            {"SLURM_JOB_ID": "1", "SLURM_PROCID": "0"},
            "Start it with `srun`",
        ),
    ],
    ids=str,
)
def test_a_launcher_that_says_nonsense_is_refused(environment, message):
    with pytest.raises(ValueError, match=message):
        find_plan(environment)


@pytest.mark.parametrize(
    ("strategy", "environment", "expected"),
    [
        ("multi-host", {}, True),
        ("auto", {}, False),
        ("auto", {"SLURM_JOB_ID": "1", "SLURM_PROCID": "0"}, False),
        ("auto", tf_config("worker", 0, worker=["a:1"]), False),
        ("auto", tf_config("worker", 0, worker=["a:1", "b:1"]), True),
        ("one_device", tf_config("worker", 0, worker=["a:1", "b:1"]), False),
    ],
    ids=str,
)
def test_several_hosts_are_asked_for(
    monkeypatch, strategy, environment, expected
):
    monkeypatch.setattr(hosts.os, "environ", environment)
    assert hosts.asks_for_hosts(strategy) == expected


def test_tensorflow_is_refused_with_the_alternative(monkeypatch):
    monkeypatch.setattr(hosts.keras.backend, "backend", lambda: "tensorflow")
    with pytest.raises(ValueError, match="KERAS_BACKEND=jax"):
        hosts.join_hosts()


def test_without_a_launcher_the_variables_are_named(monkeypatch):
    monkeypatch.setattr(hosts.keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(hosts, "find_plan", lambda environment: None)
    with pytest.raises(ValueError, match="srun.*JOB_ADDRESSES"):
        hosts.join_hosts()


@pytest.fixture
def call_all():
    """Gives the lines of all the processes of a run, which are threads here."""
    found = {}

    def call(plan):
        found[plan.index] = call_roll(plan, patience=30)

    def call_all(count):
        coordinator = f"127.0.0.1:{free_port()}"
        plans = [HostPlan(coordinator, count, x) for x in range(count)]
        at_once([lambda plan=plan: call(plan) for plan in plans])
        return found

    yield call_all
    lines = [line for each in found.values() for line in each]
    for line in lines:
        with contextlib.suppress(OSError):
            line.connection.shutdown(socket.SHUT_RDWR)
    for thread in threading.enumerate():
        if thread.name == "peers":
            thread.join(10)
    for line in lines:
        line.close()


def at_once(functions):
    threads = [threading.Thread(target=each) for each in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_all_processes_find_the_first(call_all):
    lines = call_all(3)
    assert [line.index for line in lines[0]] == [1, 2]
    assert [line.index for line in (*lines[1], *lines[2])] == [0, 0]
    lines[2][0].tell({"failed": "no reason"})
    assert lines[0][1].read() == [{"failed": "no reason"}]
    lines[1][0].close()
    assert lines[0][0].read() is None


def test_the_first_process_says_who_is_missing():
    coordinator = f"127.0.0.1:{free_port()}"
    with pytest.raises(ConnectionError, match=r"\[1, 2\] of 3") as error:
        call_roll(HostPlan(coordinator, 3, 0), patience=0.2)
    assert coordinator in str(error.value)


def test_a_process_names_the_coordinator_that_is_not_there():
    coordinator = f"127.0.0.1:{free_port()}"
    with pytest.raises(ConnectionError, match="did not answer") as error:
        call_roll(HostPlan(coordinator, 2, 1), patience=0.2)
    assert coordinator in str(error.value)


def test_a_taken_port_is_told():
    with socket.create_server(("", 0)) as door:
        plan = HostPlan(f"127.0.0.1:{door.getsockname()[1]}", 2, 0)
        with pytest.raises(ConnectionError, match="listens on"):
            call_roll(plan, patience=1)


@pytest.fixture
def ended(monkeypatch):
    """Set when the process would end; a test's process goes on."""
    event = threading.Event()
    monkeypatch.setattr(peers, "_end", event.set)
    monkeypatch.setattr(peers, "PATIENCE", 0.2)
    monkeypatch.setattr(peers, "GRACE", 0.2)
    return event


def test_a_process_whose_peer_is_lost_ends_with_a_sentence(
    ended, capfd, call_all
):
    lines = call_all(3)
    with Peers(lines[0]).at_work():
        lines[2][0].close()
        assert ended.wait(10)
    error = capfd.readouterr().err
    assert error.startswith("Error: Process 2 of the run was lost")
    assert error.count("\n") == 1
    assert "Process 2" in lines[1][0].read()[0]["ending"]


def test_a_process_whose_peer_fails_alone_says_why(ended, capfd, call_all):
    lines = call_all(2)
    with Peers(lines[0]).at_work():
        lines[1][0].tell({"failed": "An image is broken."})
        assert ended.wait(10)
    error = capfd.readouterr().err
    assert "Process 1 of the run failed: An image is broken." in error


def test_processes_that_fail_alike_leave_together(ended, call_all):
    lines = call_all(2)
    both = [Peers(lines[0]), Peers(lines[1])]

    def fail(each):
        with contextlib.suppress(ValueError), each.at_work():
            raise ValueError("The batch must divide.")
        each.leave()

    at_once([lambda each=each: fail(each) for each in both])
    assert not ended.is_set()


def test_a_process_at_rest_outlives_its_peers(ended, call_all):
    lines = call_all(2)
    first = Peers(lines[0])
    with first.at_work():
        pass
    lines[1][0].close()
    first.leave()
    assert not ended.wait(1)
    with pytest.raises(ConnectionError, match="lost"), first.at_work():
        pass


def test_a_run_alone_shares_with_itself():
    arrays = {"weights": np.arange(3)}
    assert Hosts().share({"a": [1]}) == {"a": [1]}
    assert Hosts().share_arrays(arrays) is arrays
    Hosts().check_alike({"seed": 3})
    with Hosts().at_work():
        assert not SharedCheckpoints(Hosts(), None, RunState()).restore()


def test_another_command_on_another_host_is_refused(monkeypatch):
    monkeypatch.setattr(Hosts, "share", lambda self, value: {"seed": 0})
    with pytest.raises(ValueError, match="seed .0 there, 1 now"):
        Hosts(1, 2).check_alike({"seed": 1})


def test_cached_maps_are_refused_on_several_hosts():
    placement = choose_placement()
    checks.check_feed(TrainingOptions(cache_taps=1), placement)
    several = dataclasses.replace(placement, processes=2)
    with pytest.raises(ValueError, match="cached on one host"):
        checks.check_feed(TrainingOptions(cache_taps=1), several)


def test_a_model_of_one_host_computes_as_ever():
    model = tiny_head()
    images = np.ones((2, 16, 16, 3), "float32")
    with on_this_host(model):
        here = keras.ops.convert_to_numpy(model(images))
    there = keras.ops.convert_to_numpy(model(images))
    np.testing.assert_array_equal(here, there)
