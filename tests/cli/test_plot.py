"""Every figure of a run by one command, and bad input in one sentence."""

import json
import shutil

import keras
import numpy as np
import pytest
from PIL import Image

from keras_snow.baselines import build_method
from keras_snow.reports.see import FIGURES
from keras_snow.reports.see import plot
from keras_snow.reports.see.of_images import _network_of
from keras_snow.training.saved_run import save_model


@pytest.fixture(scope="session")
def other_run(run, tmp_path_factory):
    """The same trained delta under another name."""
    copy = tmp_path_factory.mktemp("other") / "copied"
    shutil.copytree(run, copy)
    return copy


@pytest.fixture
def inputs(images, other_run):
    image = images / "red" / "00.png"
    return {
        "overlap": [other_run],
        "activations": [image],
        "chosen": [image],
        "heat": [image, images / "blue" / "01.png"],
        "confusion": [images],
        "mistakes": [images],
        "curves": [other_run],
    }


@pytest.mark.parametrize(
    "what",
    [
        "selections",
        "overlap",
        "filters",
        "heat",
        "mistakes",
        "curves",
        pytest.param("importances", marks=pytest.mark.slow),
        pytest.param("levels", marks=pytest.mark.slow),
        pytest.param("activations", marks=pytest.mark.slow),
        pytest.param("chosen", marks=pytest.mark.slow),
        pytest.param("confusion", marks=pytest.mark.slow),
    ],
)
def test_a_figure_is_drawn(snow, run, inputs, what):
    assert what in FIGURES
    result = snow("plot", what, run, *inputs.get(what, []), "--out", "f.png")
    assert result.exit_code == 0, result.output
    assert result.stdout == "figure: f.png\n"
    picture = np.asarray(Image.open("f.png").convert("RGB"))
    assert picture.shape[1] == 800
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20


def test_the_help_names_every_figure(snow):
    text = snow("plot", "--help").stdout
    assert all(f"  {what} " in text for what in FIGURES.names())


def test_options_reach_the_figure(run, images, tmp_path):
    out = plot(
        "heat",
        run,
        images / "red" / "00.png",
        out=tmp_path / "heat.svg",
        taps=("stage0",),
        label="blue",
    )
    text = out.read_text()
    assert "<svg" in text
    shown = plot(
        "selections", run, out=tmp_path / "s.svg", taps=("stage0",)
    ).read_text()
    assert shown != text


def test_runs_record_what_is_drawn_by_default(run):
    record = json.loads((run / "record.json").read_text())
    assert (run / "selections.npz").stat().st_size < 20_000
    assert record["status"] == "finished"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["selectoins", "RUN"], "Did you mean `selections`"),
        (["levels", "nothing"], "no run in this folder"),
        (["selections", "nothing"], "no run in this folder"),
        (["heat", "nothing", "IMAGE"], "no run in this folder"),
        (["selections", "RUN", "--tap", "stage9"], "Did you mean `stage"),
        (["levels", "RUN", "--tap", "stage9"], "Did you mean `stage"),
        (["chosen", "RUN", "IMAGE", "--tap", "stage9"], "Did you mean `sta"),
        (["activations", "RUN", "IMAGE", "--tap", "conv9"], "mean `conv"),
        (["heat", "RUN", "IMAGE", "--tap", "stage9"], "Did you mean `stage"),
        (["heat", "RUN", "IMAGE", "--class", "rde"], "Did you mean `red`"),
        (["heat", "RUN", "gone.jpg"], "gone.jpg"),
        (["heat", "RUN", "bad.jpg"], "bad.jpg"),
        (["heat", "RUN"], "takes images"),
        (["overlap", "RUN"], "further runs"),
        (["filters", "RUN", "IMAGE"], "takes nothing"),
        (["filters", "RUN", "--class", "red"], "does not heed"),
        (["chosen", "RUN", "IMAGE", "--tap", "stage0,stage1"], "of one tap"),
        (["chosen", "RUN", "IMAGE", "--count", "0"], "count"),
        (["filters", "RUN", "--source", "gone.keras"], "gone.keras"),
        (["confusion", "RUN", "nowhere"], "nowhere"),
    ],
)
def test_bad_input(fails, run, images, tmp_path, arguments, words):
    (tmp_path / "nothing").mkdir()
    (tmp_path / "bad.jpg").write_bytes(b"no image")
    known = {"RUN": run, "IMAGE": images / "red" / "00.png"}
    given = [known.get(each, each) for each in arguments]
    assert words in fails("plot", *given, "--out", "figure.png")
    assert not (tmp_path / "figure.png").exists()


def test_an_ending_that_is_no_figure(fails, run):
    assert "svg" in fails("plot", "levels", run, "--out", "levels.txt")


def test_a_run_of_an_older_version_has_no_recorded_selections(fails, other_run):
    kept = (other_run / "selections.npz").read_bytes()
    (other_run / "selections.npz").unlink()
    try:
        message = fails("plot", "selections", other_run, "--out", "s.png")
    finally:
        (other_run / "selections.npz").write_bytes(kept)
    assert "record them since version" in message
    assert "record_selections" in message


@pytest.fixture(scope="session")
def final_layer_run(source, tmp_path_factory):
    return run_of("fo", source, tmp_path_factory)


def run_of(method, source, tmp_path_factory):
    """A run that was never trained, which is all that a figure needs."""
    out = tmp_path_factory.mktemp("runs") / method
    settings = {
        "source": None,
        "class_names": ["blue", "green", "red"],
        "image_size": 32,
    }
    save_model(build_method(method, source, 3), out / "model", settings)
    record = {"status": "finished", "curves": {"epoch": [1]}}
    (out / "record.json").write_text(json.dumps(record))
    return out


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("selections", "chooses no channels"),
        ("levels", "chooses no channels"),
        ("chosen", "only the method snow has"),
    ],
)
def test_a_method_without_channel_pooling(
    fails, final_layer_run, inputs, what, words
):
    message = fails(
        "plot", what, final_layer_run, *inputs.get(what, []), "--out", "f.png"
    )
    assert words in message


@pytest.mark.parametrize("method", ["fo", "ft", "scratch", "pn", "lf"])
def test_maps_and_filters_of_every_method(
    snow, source, images, tmp_path_factory, method
):
    run = run_of(method, source, tmp_path_factory)
    image = images / "red" / "00.png"
    for what in (["filters", run], ["activations", run, image]):
        result = snow("plot", *what, "--out", "f.png")
        assert result.exit_code == 0, result.output


def test_a_model_without_a_graph_has_no_maps():
    class Plain(keras.Model):
        def call(self, images):
            return images

    with pytest.raises(ValueError, match="no graph of layers"):
        _network_of(Plain())
