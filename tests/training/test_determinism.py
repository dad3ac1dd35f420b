"""A deterministic run says what it promises, and keeps it."""

import keras
import pytest
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_head
from tiny_runs import tiny_task

from keras_snow.training import train
from keras_snow.training.determinism import make_deterministic
from keras_snow.training.devices import Devices


def test_a_gpu_on_jax_needs_its_flag(monkeypatch):
    devices = Devices("jax", "GPU", ("gpu:0",), "pretended")
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    with pytest.raises(ValueError, match="xla_gpu_deterministic_ops"):
        make_deterministic(devices)
    monkeypatch.setenv("XLA_FLAGS", "--xla_gpu_deterministic_ops=true")
    assert "may differ" in make_deterministic(devices)


@pytest.mark.slow  # TensorFlow keeps the setting for the tests behind it.
def test_two_runs_are_bit_equal():
    config = QUIET.replace(deterministic=True)
    first, second = (
        train(tiny_head, tiny_task(), RECIPE, image_size=SIZE, config=config)
        for _ in range(2)
    )
    assert first["curves"]["loss"] == second["curves"]["loss"]
    assert first["results"]["test"] == second["results"]["test"]


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="JAX always compiles"
)
def test_xla_is_refused_beside_it():
    config = QUIET.replace(deterministic=True, xla=True)
    with pytest.raises(ValueError, match="goes without XLA"):
        train(tiny_head, tiny_task(), RECIPE, image_size=SIZE, config=config)


def train_profiled(out, config):
    return train(
        tiny_head, tiny_task(), RECIPE, out=out, image_size=SIZE, config=config
    )


def test_an_interrupted_profile_can_be_taken_again(tmp_path, interrupted):
    config = QUIET.replace(profile=(2, 90))
    undisturbed = interrupted(0, 3)
    with pytest.raises(KeyboardInterrupt):
        train_profiled(tmp_path, config)
    undisturbed()
    (first,) = tmp_path.glob("logs/**/*.xplane.pb")
    first.unlink()
    assert train_profiled(tmp_path, config)["status"] == "finished"
    assert list(tmp_path.glob("logs/**/*.xplane.pb"))


def test_a_profile_needs_a_folder():
    config = QUIET.replace(profile=(2, 3))
    with pytest.raises(ValueError, match="Give `out`"):
        train(tiny_head, tiny_task(), RECIPE, image_size=SIZE, config=config)
