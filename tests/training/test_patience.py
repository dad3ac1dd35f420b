"""Patience ends a run that gets no better, also across kills."""

import json

import numpy as np
import pytest
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_head
from tiny_runs import tiny_task

from keras_snow.callbacks import Validation
from keras_snow.recipes import SMALL
from keras_snow.recipes import Recipe
from keras_snow.training import train

# Validation accuracy after each epoch, with the loss to tell equals apart.
SCORES = [
    (0.5, 0.9),
    (0.7, 0.8),
    (0.7, 0.7),
    (0.6, 0.4),
    (0.7, 0.7),
    (0.9, 0.1),
]
PATIENT = RECIPE.replace(epochs=6, patience=2)


@pytest.fixture
def scored(monkeypatch):
    """A run whose validation goes as it is told."""

    def on_epoch_end(self, epoch, logs=None):
        top1, loss = SCORES[epoch]
        logs |= {"val_top1": top1, "val_top5": 1.0, "val_loss": loss}

    monkeypatch.setattr(Validation, "on_epoch_end", on_epoch_end)


def run(out, recipe=PATIENT, task=None):
    return train(
        tiny_head,
        task or tiny_task(),
        recipe,
        out=out,
        image_size=SIZE,
        config=QUIET,
    )


def test_a_run_ends_says_where_it_was_best_and_stays_ended(scored, tmp_path):
    record = run(tmp_path)
    assert record["status"] == "finished"
    assert record["epochs"] == 5
    assert record["best_epoch"] == 3
    assert record["best_validation"] == {
        "top1": {"epoch": 2, "value": 0.7},
        "loss": {"epoch": 4, "value": 0.4},
    }
    kept = json.loads((tmp_path / "record.json").read_text())
    assert kept["best_validation"] == record["best_validation"]
    # A kill between the last epoch and the record.
    weights = (tmp_path / "checkpoints/best.npz").read_bytes()
    (tmp_path / "record.json").unlink()
    again = run(tmp_path)
    assert again["epochs"] == len(again["curves"]["epoch"]) == 5
    assert (tmp_path / "checkpoints/best.npz").read_bytes() == weights


def test_without_patience_the_record_still_says_where_it_was_best(
    scored, tmp_path
):
    record = run(tmp_path, RECIPE.replace(epochs=5, keep="last"))
    assert (record["epochs"], record["best_epoch"]) == (5, 5)
    assert record["best_validation"]["loss"]["epoch"] == 4


def test_patience_keeps_the_best_epoch():
    assert SMALL.replace(patience=3).keep == "best"
    with pytest.raises(ValueError, match="keep='last'"):
        Recipe(patience=3, keep="last")
    with pytest.raises(ValueError, match="patience=0"):
        Recipe(patience=0)


def test_patience_needs_validation_images(tmp_path):
    images = np.zeros((40, SIZE, SIZE, 3), "uint8")
    task = type(tiny_task()).from_arrays(images, [0, 1] * 20, validation=0)
    with pytest.raises(ValueError, match="Hold some out"):
        run(tmp_path, task=task)


@pytest.mark.parametrize("profile", [(1000, 2000), (19, 20)])
def test_a_profile_that_no_step_comes_to_is_refused(tmp_path, profile):
    with pytest.raises(ValueError, match="ends before the first step"):
        train(
            tiny_head,
            tiny_task(),
            RECIPE.replace(epochs=1),
            out=tmp_path,
            image_size=SIZE,
            config=QUIET.replace(profile=profile),
        )
    assert not (tmp_path / "run.json").exists()
