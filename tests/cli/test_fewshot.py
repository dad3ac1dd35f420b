"""`keras-snow fewshot`, and a bundle's task of a few photographs."""

import json

import numpy as np
import pytest
from PIL import Image

from keras_snow.core.files import read_json
from tests.cli.conftest import draw

TINY = ["--image-size", "32", "--quiet"]
STUDY = ["--ways", "2", "--shots", "1,2", "--queries", "3", "--episodes", "9"]


@pytest.fixture(scope="module")
def colours(tmp_path_factory):
    """Returns a file of six classes, six images each."""
    draw = np.random.default_rng(0)
    labels = np.arange(36) % 6
    tints = draw.integers(0, 200, (6, 1, 1, 3))
    images = tints[labels] + draw.integers(0, 50, (36, 32, 32, 3))
    path = tmp_path_factory.mktemp("tasks") / "tints.npz"
    np.savez(path, images=images.astype("uint8"), labels=labels)
    return path


def test_a_study_leaves_a_table_and_a_record(snow, colours, source):
    arguments = ["fewshot", colours, "--source", source, *STUDY, *TINY]
    result = snow(*arguments, "--class-splits", "2", "--out", "few")
    assert result.exit_code == 0, result.output
    assert "| all | cosine | 2 | 2 | " in result.stdout
    assert "over 2 class splits" in result.stdout
    record = read_json("few/fewshot.json")
    assert record["settings"]["options"]["shots"] == [1, 2]
    assert len(record["rows"]) == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--shots", "one"], "is not like 1,5,10"),
        (["--ways", "9"], "ways=9, 3 classes"),
        (["--queries", "40"], "`shots + queries` images"),
        (["--features", "lats"], "`last`"),
        (["--distance", "cosin"], "`cosine`"),
        (["--on", "test"], "Unknown on"),
        (["--features", "chosen"], "with `--run`"),
    ],
)
def test_bad_options_are_one_sentence(snow, colours, source, options, message):
    arguments = ["fewshot", colours, "--source", source, *STUDY, *TINY]
    result = snow(*arguments, *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_few_photographs_are_a_task(snow, source, images, tmp_path):
    photos = draw(tmp_path / "photos", classes=("warm", "fresh"), count=3)
    assert snow("bundle", "create", "shop", "--source", source).exit_code == 0
    arguments = ["bundle", "add", "shop", "tea", photos, "--prototypes"]
    added = snow(*arguments, "--image-size", "32")
    assert added.exit_code == 0, added.output
    assert "prototypes of 6 images, 3 to 3 of each class" in added.output
    assert "each answered by the others: " in added.output
    assert "tea  version 1, 2 classes, 32 px" in added.output
    again = snow(*arguments, "--base", images, "--replace")
    assert "tea  version 2, 2 classes, 32 px" in again.output, again.output
    picture = photos / "warm" / "00.png"
    found = snow("bundle", "predict", "shop", picture, "--json")
    (answer,) = json.loads(found.output)
    assert answer["tasks"]["tea"][0]["class"] == "warm"


def test_images_of_12_bits_are_read_by_one_range(snow, source, tmp_path):
    for number, name in enumerate(["dim", "grey", "bright", "white"]):
        for index in range(5):
            values = np.full((32, 32), 300 * number + 10 * index, "uint16")
            path = tmp_path / "scans" / name / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(values).save(path)
    scans = tmp_path / "scans"
    study = ["fewshot", scans, "--source", source, *STUDY, *TINY]
    ranges = [], ["--value-range", "0,2047"]
    tables = []
    for number, options in enumerate(ranges):
        result = snow(*study, *options, "--out", f"few{number}")
        assert result.exit_code == 0, result.output
        tables.append(read_json(f"few{number}/fewshot.json"))
    kept = [x["settings"]["tasks"][0]["value_range"] for x in tables]
    assert kept == [[0, 1023], [0, 2047]]
    snow("bundle", "create", "scanner", "--source", source)
    add = ["bundle", "add", "scanner", "scans", scans, "--prototypes"]
    for options, found in zip(ranges, kept, strict=True):
        result = snow(*add, "--image-size", "32", *options)
        assert result.exit_code == 0, result.output
        listed = json.loads(snow("bundle", "list", "scanner", "--json").output)
        assert listed[0]["value_range"] == found
        add.append("--replace")


def test_too_few_to_train_on_names_prototypes(fails, source, tmp_path):
    photos = draw(tmp_path / "photos", count=3)
    found = fails("train", photos, "--source", source, *TINY)
    assert "keras-snow bundle add BUNDLE TASK IMAGES --prototypes" in found
