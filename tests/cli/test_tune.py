"""`keras-snow tune` and `sensitivity`, as typed."""

import json

import keras
import pytest

from keras_snow.core.extras import install_command
from keras_snow.tuning import TrialTable
from tests.cli.conftest import TINY

HOT = "1e30"


@pytest.fixture(scope="module")
def searched(images, source, tmp_path_factory):
    """Two trials side by side, one of which diverges."""
    from click.testing import CliRunner

    from keras_snow.cli.main import main

    out = tmp_path_factory.mktemp("search") / "out"
    command = [
        *("tune", images, "--source", source, "--out", out, "--tuner", "grid"),
        *("--search", "", "--space", f"rate=0.01,{HOT}", "--set", "k=0.5"),
        *TINY,
    ]
    command = [str(each) for each in command]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return out, result, command


def test_the_table_is_printed_and_kept(searched):
    out, result, _ = searched
    assert (out / "trials.md").read_text().strip() in result.output
    rows = json.loads((out / "trials.json").read_text())
    assert [row["status"] for row in rows] == ["COMPLETED", "FAILED"]
    assert "diverged" in rows[1]["problem"]
    assert "TASK --set k=0.5 --set learning_rate=0.01\n" in result.output


def test_the_best_model_is_trained(searched):
    model, settings = TrialTable(searched[0]).best()
    assert isinstance(model, keras.Model)
    assert settings["class_names"] == ["blue", "green", "red"]
    assert model.delta.poolings


def test_test_images_are_not_looked_at(searched):
    out, _, _ = searched
    (best,) = out.glob("runs/*rate=0.01/record.json")
    assert set(json.loads(best.read_text())["results"]) == {"validation"}


def test_the_same_command_trains_nothing_again(searched, snow, monkeypatch):
    out, before, command = searched
    monkeypatch.setattr("keras_snow.tuning.trial_runner.run_alone", pytest.fail)
    result = snow(*command)
    assert result.exit_code == 0, result.output
    assert result.output == before.output


def test_another_search_in_the_folder_is_refused(searched, fails):
    assert "another search" in fails(*searched[2], "--space", "sigma=0.1,0.2")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--taps", "stage0,stage1"], "taps (None there"),
        (["--precision", "mixed_bfloat16"], "precision ('float32' there"),
        (["--cache-taps", "1"], "cache_taps (0 there, 1 now)"),
    ],
)
def test_trials_of_one_search_are_trained_alike(
    searched, fails, options, words
):
    found = fails(*searched[2], *options)
    assert "another search" in found
    assert words in found


@pytest.mark.parametrize(("tuner", "epochs"), [("hyperband", 4), ("random", 2)])
def test_trials_too_short_to_settle_are_refused_at_once(
    fails, images, source, tmp_path, tuner, epochs
):
    found = fails(
        *("tune", images, "--source", source, "--out", tmp_path / "out", *TINY),
        *("--tuner", tuner, "--epochs", epochs),
        *("--cache-taps", "1", "--settle-after", "2"),
    )
    assert "end after 2" in found
    assert f"settle_after=2, epochs={epochs}, tuner='{tuner}'" in found
    assert not (tmp_path / "out").exists(), "Other options can be tried there."


@pytest.fixture
def asked(monkeypatch, snow, images, source):
    """Returns the space and the fixed settings that a command asks for."""

    def ask(*options):
        calls = []

        def note(task, space, out, search, shared):
            calls.append((space, search.fixed))
            raise ValueError("Enough. Received: a call")

        monkeypatch.setattr("keras_snow.tuning.tune", note)
        snow("tune", images, "--source", source, *TINY, *options)
        return calls[0]

    return ask


def test_a_space_of_ones_own_replaces_the_ready_one(asked):
    space, _ = asked("--space", "learning_rate=0.01,0.02")
    assert [*space] == ["k", "sigma", "width", "learning_rate"]


def test_what_is_fixed_is_left_out_of_the_default_search(asked):
    space, fixed = asked("--set", "k=0.5", "--set", "learning_rate=0.01")
    assert [*space] == ["sigma", "width"]
    assert fixed == {"k": 0.5, "learning_rate": 0.01}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tuner", "rndom"], "Did you mean `random`"),
        (["--search", "sigm"], "Did you mean `sigma`"),
        (["--space", "sigma"], "NAME=LOW..HIGH"),
        (["--space", "sigma=0..1"], "above 0"),
        (["--space", "k=many"], "k='many'"),
        (["--max-trials", "0"], "max_trials=0"),
        (["--set", "dropot=1"], "Did you mean `dropout`"),
        (["--validation", "0"], "needs validation images"),
        (["--epochs", "0"], "epochs=0"),
        (["--search", "k", "--set", "k=0.5"], "searched or fixed, not both"),
    ],
)
def test_bad_options_of_tune(fails, images, source, options, words):
    assert words in fails("tune", images, "--source", source, *TINY, *options)


def test_a_missing_extra_is_named(fails, images, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "keras_tuner", None)
    assert install_command("tuner") in fails("tune", images)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--only", "sigm"], "Did you mean `sigma`"),
        (["--set", "sigm=0"], "Did you mean `sigma`"),
        (["--set", "seed=1"], "Seeds have an argument of their own"),
        (["--recipe", "papier"], "Did you mean `paper`"),
    ],
)
def test_bad_options_of_sensitivity(fails, images, source, options, words):
    command = ("sensitivity", images, "--source", source, *TINY)
    assert words in fails(*command, *options)
