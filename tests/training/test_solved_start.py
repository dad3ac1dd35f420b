"""A run that begins with a solved head, and ends no worse."""

import json

import numpy as np
import pytest

from keras_snow.callbacks import model_state
from keras_snow.metrics import ridge
from keras_snow.training import load_run
from keras_snow.training import train
from tests.training.tiny_runs import QUIET
from tests.training.tiny_runs import RECIPE
from tests.training.tiny_runs import SIZE
from tests.training.tiny_runs import tiny_snow
from tests.training.tiny_runs import tiny_task

SOLVED = QUIET.replace(solve_head=None)


def run(out=None, config=SOLVED, epochs=2, **changes):
    recipe = RECIPE.replace(**{"epochs": epochs, "warmup_epochs": 0, **changes})
    return train(
        tiny_snow, tiny_task(), recipe, out=out, image_size=SIZE, config=config
    )


def test_a_run_says_how_good_its_start_was(tmp_path):
    record = run(tmp_path)
    start = record["start"]
    assert start["val_top1"] > 0.8
    assert start["left_out_top1"] > 0.8
    assert record["settings"]["solve_head"] is True
    assert record["results"]["validation"]["top1"] >= start["val_top1"]


def test_of_epochs_that_are_all_worse_the_start_is_kept(tmp_path):
    record = run(tmp_path, learning_rate=3.0, keep="last", clip_norm=10.0)
    start = record["start"]
    assert min(record["curves"]["val_loss"]) > start["val_loss"]
    assert record["best_epoch"] == 0
    found = record["results"]["validation"]
    assert found["top1"] == start["val_top1"]
    assert found["loss"] == pytest.approx(start["val_loss"], rel=1e-5)


def test_the_head_of_a_run_is_a_part_of_its_checkpoints(tmp_path):
    run(tmp_path / "whole", epochs=2)
    run(tmp_path / "begun", epochs=2)
    (tmp_path / "begun" / "record.json").unlink()
    run(tmp_path / "begun", epochs=2)
    whole, begun = (
        model_state.load_state(tmp_path / name / "checkpoints" / "best.npz")[0]
        for name in ("whole", "begun")
    )
    assert any(values.ndim == 3 for values in whole.values())  # A kernel.
    for name, values in whole.items():
        np.testing.assert_array_equal(begun[name], values)


def test_maps_that_are_kept_are_trained_on_from_the_same_start():
    plain = run(config=SOLVED, augmentation="none")
    kept = run(config=SOLVED.replace(cache_taps=1), augmentation="none")
    for name, value in plain["start"].items():
        assert kept["start"][name] == pytest.approx(value, rel=1e-2)


def test_a_run_goes_on_as_it_was_begun(tmp_path):
    record = run(tmp_path, config=QUIET, epochs=1)
    assert "start" not in record
    assert "solve_head" not in json.loads((tmp_path / "run.json").read_text())
    assert run(tmp_path, epochs=1) == record
    with pytest.raises(ValueError, match="solve_head"):
        run(tmp_path, config=QUIET.replace(solve_head=True), epochs=1)


def test_a_loaded_run_answers_as_it_was_scored(tmp_path):
    record = run(tmp_path)
    task = tiny_task()
    images = np.stack([task.split("test").read(i) for i in range(12)])
    answers = np.argmax(load_run(tmp_path)[0](images), axis=1)
    right = (answers == task.labels("test")).mean()
    assert right == pytest.approx(record["results"]["test"]["top1"])


def test_what_has_no_such_head_is_refused():
    def build():
        return tiny_snow(head="delta")

    with pytest.raises(ValueError, match="reads every tap"):
        train(
            build,
            tiny_task(),
            RECIPE,
            image_size=SIZE,
            config=QUIET.replace(solve_head=True),
        )


def test_more_images_than_a_regression_takes_are_refused(monkeypatch):
    monkeypatch.setattr(ridge, "MOST_ROWS", 20)
    with pytest.raises(ValueError, match="20 images or views at most"):
        run(config=QUIET.replace(solve_head=True))
