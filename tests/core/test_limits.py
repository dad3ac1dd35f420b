"""What is counted has a most, and a batch fits into memory."""

import pytest

from keras_snow.core import memory
from keras_snow.core.checks import check_count
from keras_snow.core.limits import ANY
from keras_snow.core.limits import MOST
from keras_snow.core.limits import check_batch
from keras_snow.data import load_task
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.pipeline import training_batches
from keras_snow.recipes import Recipe
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.training import TrainingOptions


@pytest.mark.parametrize("name", [*MOST, "anything"])
def test_a_count_has_a_most(name):
    most = MOST.get(name, ANY)
    assert check_count(name, most) == most
    with pytest.raises(ValueError, match=f"`{name}` must be at most {most:,}"):
        check_count(name, most + 1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Recipe(epochs=10**9),
        lambda: Recipe(batch_size=10**9),
        lambda: TrainingOptions(cache_taps=10**9),
        lambda: TrainingOptions(evaluation_batch_size=10**9),
        lambda: BundledTask("birds", 1, 10**10, ()),
        lambda: BundledTask("birds", 1, 3, (), image_size=3_000_000),
        lambda: load_task("demo:counting", train=10**9),
    ],
)
def test_what_is_too_much_is_refused_at_once(make):
    with pytest.raises(ValueError, match="must be at most"):
        make()


def test_a_batch_has_to_fit_into_memory(monkeypatch):
    monkeypatch.setattr(memory, "machine_memory", lambda: 10_000_000_000)
    check_batch(256, 224)
    with pytest.raises(ValueError, match=r"takes 41\.1 GB.*Lower `batch_size`"):
        check_batch(2048, 224)


@pytest.mark.parametrize(
    "batches",
    [
        lambda task: training_batches(task, 4000, batch_size=8),
        lambda task: evaluation_batches(task, "test", 4000, batch_size=8),
    ],
)
def test_batches_are_measured_before_they_are_made(monkeypatch, batches):
    task = load_task("demo:counting", train=20)
    monkeypatch.setattr(memory, "machine_memory", lambda: 10_000_000_000)
    with pytest.raises(ValueError, match="It does not fit: a batch takes"):
        batches(task)


def test_the_memory_of_a_container_is_its_limit(tmp_path, monkeypatch):
    for name, content in (("one", "5000000\n"), ("other", "max\n")):
        (tmp_path / name).write_text(content)
    places = [tmp_path / name for name in ("one", "other", "none")]
    monkeypatch.setattr(memory, "_LIMITS", places)
    assert memory.machine_memory.__wrapped__() == 5_000_000
