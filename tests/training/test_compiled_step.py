"""The compiled step: compiled once, and kept where the backend can."""

import pathlib

import pytest
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_snow
from tiny_runs import tiny_task

from keras_snow.models import SNOWModel
from keras_snow.training import train
from keras_snow.training.compilation_cache import keep_compilations
from keras_snow.training.devices import Devices

GPU = Devices("jax", "GPU", ("gpu:0",), "pretended")
CPU = Devices("jax", "CPU", ("cpu:0",), "pretended")


def test_epochs_do_not_trace_the_step_again(monkeypatch):
    traced = []
    original = SNOWModel.train_step

    def counting(self, *args, **kwargs):
        traced.append(self)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(SNOWModel, "train_step", counting)
    record = train(
        tiny_snow, tiny_task(), RECIPE, image_size=SIZE, config=QUIET
    )
    assert len(record["curves"]["loss"]) == RECIPE.epochs == 3
    assert len(traced) == 1


def test_compilations_for_a_gpu_are_kept_beside_keras_files(
    monkeypatch, tmp_path
):
    jax = pytest.importorskip("jax")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    before = jax.config.jax_compilation_cache_dir
    try:
        assert keep_compilations(GPU) == tmp_path / "jax"
        assert jax.config.jax_compilation_cache_dir == str(tmp_path / "jax")
    finally:
        jax.config.update("jax_compilation_cache_dir", before)


def test_what_the_user_set_is_respected(monkeypatch):
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "elsewhere")
    assert keep_compilations(GPU) == pathlib.Path("elsewhere")
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")
    assert keep_compilations(CPU) is None
