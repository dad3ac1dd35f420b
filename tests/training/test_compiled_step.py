"""The compiled step: compiled once, and kept where the backend can."""

import dataclasses
import pathlib

import pytest
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_snow
from tiny_runs import tiny_task

from keras_snow.callbacks import UnreadLogs
from keras_snow.callbacks.divergence_guard import EVERY
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


class Scalar:
    """A number that a step returned; notes in which step it is read."""

    def __init__(self, step, reads):
        self.step = step
        self.reads = reads

    def __float__(self):
        self.reads.add(self.step)
        return 1.0


def test_no_step_waits_for_its_numbers_to_be_read(monkeypatch):
    reads, steps = set(), set()
    original = UnreadLogs.on_train_batch_end

    def noting(self, batch, logs=None):
        steps.add(batch)
        original(self, batch, {name: Scalar(batch, reads) for name in logs})

    monkeypatch.setattr(UnreadLogs, "on_train_batch_end", noting)
    recipe = dataclasses.replace(RECIPE, epochs=1, batch_size=1)
    config = QUIET.replace(verbose=True)
    train(tiny_snow, tiny_task(), recipe, image_size=SIZE, config=config)
    assert len(steps) > 2 * EVERY
    # The first, and then one in twenty: is the loss finite still?
    assert reads == {0, *range(EVERY - 1, len(steps), EVERY)}


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
