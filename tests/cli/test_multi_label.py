"""Images with several classes, from the table to the bundle."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from keras_snow.cli.main import main

TINY = ["--image-size", "32", "--batch-size", "8", "--epochs", "3", "--quiet"]
COLOURS = ("red", "green", "blue")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Each of three colours is on half of the images, or is not."""
    folder = tmp_path_factory.mktemp("several")
    random = np.random.default_rng(0)
    lines = [f"filename,{','.join(COLOURS)}"]
    for index in range(64):
        marks = [index >> place & 1 for place in range(3)]
        pixels = random.integers(0, 120, (36, 36, 3), "uint8")
        pixels += 130 * np.array(marks, "uint8")
        Image.fromarray(pixels).save(folder / f"{index:02}.png")
        lines.append(f"{index:02}.png,{','.join(map(str, marks))}")
    (folder / "lights.csv").write_text("\n".join(lines) + "\n")
    return folder / "lights.csv"


def invoke(*arguments, code=0):
    result = CliRunner().invoke(main, [str(x) for x in arguments])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result.output if code else result.stdout


@pytest.fixture(scope="module")
def several(table, source, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "lights"
    words = ["--source", source, "--validation", "0.2", "--multi-label"]
    said = invoke("train", table, *words, "--out", out, *TINY)
    assert "test: mAP" in said
    assert "validation was best in epoch" in said
    return out


def test_a_run_is_ranked_by_map_and_keeps_thresholds(several):
    record = json.loads((several / "record.json").read_text())
    assert set(record["results"]["test"]) == {"map", "f1", "loss", "count"}
    assert len(record["thresholds"]) == 3
    assert "left_out_map" in record["start"]
    maps = record["curves"]["val_map"]
    best = record["best_validation"]["map"]
    assert best == {"epoch": maps.index(max(maps)) + 1, "value": max(maps)}
    assert record["best_validation"].keys() == {"map", "loss"}
    assert record["results"]["test"]["map"] > 0.6


# Nobody says `--multi-label` again.
def test_it_is_measured_again_as_it_was(several, table):
    record = json.loads((several / "record.json").read_text())
    again = json.loads(invoke("evaluate", several, table, "--json"))
    assert again.pop("split") == "test"
    assert again == pytest.approx(record["results"]["test"], abs=1e-6)


def test_all_classes_that_are_present_are_named(several, table):
    image = table.parent / "03.png"
    (answer,) = json.loads(
        invoke("predict", several, image, "--json", "--top", 1)
    )
    thresholds = json.loads((several / "record.json").read_text())["thresholds"]
    found = answer["predictions"]
    for each in found:
        limit = thresholds[COLOURS.index(each["class"])]
        assert each["present"] == (each["score"] >= limit - 1e-6)
    assert len(found) == max(1, sum(x["present"] for x in found))


def test_a_bundle_answers_as_the_run_does(several, source, table, tmp_path):
    shop, image = tmp_path / "shop", table.parent / "05.png"
    invoke("bundle", "create", shop, "--source", source)
    invoke("bundle", "add", shop, "lights", several)
    (run,) = json.loads(invoke("predict", several, image, "--json", "--top", 3))
    words = ["bundle", "predict", shop, image, "--json", "--top", "3"]
    (answer,) = json.loads(invoke(*words))
    found = answer["tasks"]["lights"]
    assert [x["class"] for x in found] == [
        x["class"] for x in run["predictions"]
    ]
    assert [x["present"] for x in found] == [
        x["present"] for x in run["predictions"]
    ]


def test_the_probe_takes_several_classes(table, source):
    words = ["--source", source, "--image-size", "32", "--json"]
    result = json.loads(invoke("probe", table, "--multi-label", *words))
    assert result["map"] > 0.9
    assert {"f1", "left_out_map", "validation_map"} <= result.keys()


def test_curves_are_drawn_and_confusion_is_refused(several, table, tmp_path):
    out = tmp_path / "curves.png"
    invoke("plot", "curves", several, "--out", out)
    assert out.stat().st_size
    for what, words in (("confusion", "A matrix of"), ("mistakes", "A figure")):
        arguments = ["plot", what, several, table, "--out", tmp_path / "x.png"]
        assert f"{words}" in (said := invoke(*arguments, code=2))
        assert "needs one class an image" in said


@pytest.mark.parametrize("verb", ["crossvalidate", "sensitivity", "tune"])
def test_what_needs_one_class_says_so(verb, table, source, tmp_path):
    words = ["--source", source, "--out", tmp_path / "x", "--image-size", "32"]
    if verb == "crossvalidate":
        words += ["--rates", "0.1,0.2"]
    arguments = [verb, table, "--multi-label", *words]
    assert "needs one class an image" in invoke(*arguments, code=2)
