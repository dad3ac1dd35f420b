"""The verbs do what they say."""

import json
import pathlib
import shutil

import keras
import numpy as np
import pytest

from keras_snow.cli.main import main
from tests.cli.conftest import TINY


@pytest.mark.parametrize("verb", main.commands)
def test_every_verb_has_help_with_an_example(snow, verb):
    result = snow(verb, "--help")
    assert result.exit_code == 0
    assert f"keras-snow {verb}" in result.stdout


def test_train_leaves_a_record(run):
    record = json.loads((run / "record.json").read_text())
    assert record["status"] == "finished"
    assert record["method"] == "snow"
    assert set(record["results"]) == {"validation", "test"}


def test_train_again_is_not_trained_again(snow, run, images, source):
    result = snow("train", images, "--source", source, "--out", run, *TINY)
    assert result.exit_code == 0
    record = json.loads((run / "record.json").read_text())
    assert f"{record['results']['test']['top1']:.1%}" in result.stdout


def test_evaluate_finds_what_training_found(snow, run, images):
    result = snow("evaluate", run, images, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    record = json.loads((run / "record.json").read_text())
    assert found["top1"] == record["results"]["test"]["top1"]
    assert found["loss"] == pytest.approx(record["results"]["test"]["loss"])


def test_a_run_is_measured_on_the_images_that_it_has_not_seen(
    snow, images, source, tmp_path
):
    out = tmp_path / "run"
    parts = ("--validation", "0.25", "--test", "0.3", "--split-seed", "7")
    given = ("train", images, "--source", source, "--out", out, *parts)
    assert snow(*given, *TINY[:-3], "--epochs", "1", "--quiet").exit_code == 0
    record = json.loads((out / "record.json").read_text())
    for split in ("validation", "test"):
        result = snow("evaluate", out, images, "--split", split, "--json")
        found = json.loads(result.stdout)
        assert found["count"] == record["results"][split]["count"]
        assert found["loss"] == pytest.approx(record["results"][split]["loss"])
    other = snow("evaluate", out, images, "--split-seed", "8", "--json")
    assert json.loads(other.stdout)["loss"] != pytest.approx(
        record["results"]["test"]["loss"]
    )


def test_predict_gives_scores_that_sum_to_one(snow, run, images):
    result = snow("predict", run, images, "--json")
    assert result.exit_code == 0, result.output
    answers = json.loads(result.stdout)
    assert len(answers) == 36
    scores = [each["score"] for each in answers[0]["predictions"]]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=1e-5)


def test_predict_agrees_with_evaluate(snow, run, images):
    answers = json.loads(
        snow("predict", run, images, "--json", "--top", "1").stdout
    )
    right = sum(
        f"/{answer['predictions'][0]['class']}/" in answer["image"]
        for answer in answers
    )
    counts = [
        json.loads(
            snow("evaluate", run, images, "--split", name, "--json").stdout
        )
        for name in ("train", "validation", "test")
    ]
    assert right == round(sum(each["top1"] * each["count"] for each in counts))


def test_a_run_can_learn_from_a_few_images_of_each_class(
    snow, images, source, tmp_path
):
    options = ["--source", source, "--shots", "4", *TINY]
    result = snow("train", images, *options, "--out", "run")
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "run/record.json").read_text())
    assert record["settings"]["task"]["sizes"]["train"] == 12
    assert "4shot" in record["settings"]["task"]["name"]
    assert snow("evaluate", "run", images).exit_code == 0
    result = snow("train", images, *options, "--shots", "400", "--out", "more")
    assert result.exit_code == 2
    assert "400" in result.stderr


def test_predict_can_skip_bad_images(snow, run, images, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"")
    good = images / "red" / "00.png"
    result = snow("predict", run, "bad.jpg", good, "--skip-bad", "--json")
    assert result.exit_code == 0
    assert "bad.jpg" in result.stderr
    assert len(json.loads(result.stdout)) == 1


@pytest.mark.parametrize("method", ["fo", "scratch"])
def test_the_other_methods_train_and_predict(
    snow, images, source, tmp_path, method
):
    options = ["--source", source, "--method", method, "--out", "run"]
    result = snow("train", images, *options, *TINY)
    assert result.exit_code == 0, result.output
    assert snow("predict", "run", images / "red").exit_code == 0


def test_settings_reach_method_and_recipe(snow, images, source, tmp_path):
    options = [
        "--k",
        "2",
        "--set",
        "head=delta",
        "--set",
        "label_smoothing=0.2",
    ]
    options += ["--source", source, "--out", "run", "--taps", "stage0,stage1"]
    result = snow("train", images, *options, *TINY)
    assert result.exit_code == 0, result.output
    settings = json.loads((tmp_path / "run" / "record.json").read_text())
    settings = settings["settings"]
    assert settings["notes"]["k"] == 2
    assert settings["notes"]["head"] == "delta"
    assert settings["recipe"]["label_smoothing"] == 0.2


def test_sources_and_taps(snow, source):
    assert "resnet50" in snow("sources").stdout
    table = snow("taps", source).stdout.split()
    assert table[:3] == ["layer", "channels", "stride"]
    assert table[-3:] == ["stage1", "16", "4"]
    assert len(snow("taps", source, "--all").stdout.split()) > len(table)
    # No weights are needed, and of this one there are none.
    assert "65, 1 before" in snow("taps", "vit_small").stdout


def test_taps_tell_what_a_source_does_with_pixels(snow, source, tmp_path):
    assert "pixels: times 0.00784314, plus -1" in snow("taps", source).stderr
    image = keras.Input((None, None, 3))
    plain = tmp_path / "plain.keras"
    maps = keras.layers.Conv2D(8, 3, name="maps")(image)
    keras.Model(image, maps).save(plain)
    assert "Warning: the source takes pixels" in snow("taps", plain).stderr
    told = snow("taps", plain, "--input-scale", "-1..1").stderr
    assert told == "pixels: to -1..1\n"


def test_debug_shows_the_traceback(snow):
    result = snow("taps", "resnet5", "--debug")
    assert isinstance(result.exception, ValueError)


def test_an_interrupted_run_says_how_to_go_on(
    snow, images, source, monkeypatch
):
    from keras_snow.training import session

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(session.Session, "run", stop)
    options = ["--source", source, "--out", "runs/x", *TINY]
    result = snow("train", images, *options)
    assert result.exit_code == 130
    assert "runs/x" in result.stderr


def test_a_closed_pipe_is_not_an_error_of_ours(snow, monkeypatch):
    import errno

    import click

    def close(*_, **__):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(click, "echo", close)
    result = snow("sources")
    assert result.exit_code == 1
    assert result.stderr == ""


def test_predict_passes_over_what_seldom_holds_pictures(
    snow, run, images, tmp_path
):
    folder = tmp_path / "holiday"
    shutil.copytree(images / "red", folder)
    for name in ("menu.pdf", "features.h5", "sea.mpg"):
        (folder / name).write_bytes(b"no picture")
    result = snow("predict", run, folder, "--json")
    assert result.exit_code == 0, result.output
    assert len(json.loads(result.stdout)) == 12


def test_a_leading_tilde_is_the_user_s_own_folder(
    snow, run, images, source, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copytree(run, tmp_path / "red")
    picture = images / "red" / "00.png"
    assert snow("predict", "~/red", picture).exit_code == 0
    options = ["--source", source, *TINY]
    result = snow("train", images, "--out", "~/again", *options)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "again" / "record.json").is_file()
    assert not (tmp_path / "~").exists()


def test_maps_that_a_run_has_chosen_are_scored_on_other_classes(snow, run):
    draw = np.random.default_rng(0)
    labels = np.arange(30) % 5
    tints = draw.integers(0, 200, (5, 1, 1, 3))
    images = tints[labels] + draw.integers(0, 50, (30, 32, 32, 3))
    names = ["red", "green", "blue", "pink", "grey"]
    data = {"images": images.astype("uint8"), "labels": labels}
    np.savez("tints.npz", **data, class_names=names)
    options = ["--features", "last,chosen", "--ways", "2", "--shots", "1"]
    options += ["--queries", "3", "--image-size", "32", "--quiet"]
    result = snow("fewshot", "tints.npz", "--run", run, *options)
    assert result.exit_code == 0, result.output
    assert "| chosen | cosine | 2 | 1 | " in result.stdout
    record = json.loads(pathlib.Path("fewshot/tints/fewshot.json").read_text())
    assert record["class_splits"][0]["base"] == names[:3]
