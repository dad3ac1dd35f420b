"""The processes of a run on several hosts find, and miss, each other."""

import dataclasses
import json

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
from keras_snow.training.host_plan import HostPlan
from keras_snow.training.host_plan import find_plan
from keras_snow.training.hosts import Hosts
from keras_snow.training.shared_checkpoints import SharedCheckpoints

KERAS = "KERAS_DISTRIBUTION_"


def keras_variables(addresses="10.0.0.1:61000", **others):
    found = {"JOB_ADDRESSES": addresses, **others}
    return {KERAS + name: value for name, value in found.items()}


def tf_config(kind, index, **cluster):
    config = {"cluster": cluster, "task": {"type": kind, "index": index}}
    return {"TF_CONFIG": json.dumps(config)}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, HostPlan()),
        ({"SLURM_JOB_ID": "3", "SLURM_PROCID": "0"}, HostPlan()),
        (
            keras_variables(NUM_PROCESSES="2", PROCESS_ID="1"),
            HostPlan("10.0.0.1:61000", 2, 1),
        ),
        (
            keras_variables("a:1,b:1,c:1", PROCESS_ID="2"),
            HostPlan("a:1", 3, 2),
        ),
        (keras_variables("a:1"), HostPlan("a:1")),
        (
            tf_config("worker", 0, chief=["a:1"], worker=["b:2", "c:3"]),
            HostPlan("a:1", 3, 1),
        ),
    ],
    ids=str,
)
def test_variables_say_which_processes_there_are(environment, expected):
    assert find_plan(environment) == expected


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (keras_variables(NUM_PROCESSES="two"), "whole number"),
        ({"TF_CONFIG": "{"}, "could not be read"),
        (tf_config("ps", 0, ps=["a:1"], worker=["b:1"]), "type 'ps'"),
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


@pytest.mark.parametrize(
    ("raised", "error", "words"),
    [
        (ValueError("none defined"), ValueError, "srun.*JOB_ADDRESSES"),
        (RuntimeError("called before"), ValueError, "join_hosts"),
        (
            pytest.importorskip("jax").errors.JaxRuntimeError("timed out"),
            ConnectionError,
            "did not find each other.*timed out.*patience=3.*a:1",
        ),
    ],
    ids=["unsaid", "late", "alone"],
)
def test_processes_that_cannot_join_say_why(monkeypatch, raised, error, words):
    import jax

    def initialize(*_, **__):
        raise raised

    monkeypatch.setattr(jax.distributed, "initialize", initialize)
    monkeypatch.setattr(hosts.keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(
        hosts, "find_plan", lambda environment: HostPlan("a:1", 2, 1)
    )
    with pytest.raises(error, match=words):
        hosts.join_hosts(patience=3)
    assert hosts.this_host() is hosts.ALONE


def test_a_run_alone_shares_with_itself():
    arrays = {"weights": np.arange(3)}
    assert Hosts().share({"a": [1]}) == {"a": [1]}
    assert Hosts().share_arrays(arrays) is arrays
    Hosts().check_alike({"seed": 3})
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
