"""`crossvalidate`: what it prints, and what it refuses."""

import json
import pathlib

import pytest

from tests.cli.conftest import draw

TINY = ["--image-size", "32", "--batch-size", "8", "--epochs", "1", "--quiet"]


def test_it_prints_what_was_chosen_and_predict_can_use_it(snow, images, source):
    options = ["--method", "fo", "--rates", "0.01,", "--out", "cv"]
    result = snow("crossvalidate", images, "--source", source, *TINY, *options)
    assert result.exit_code == 0, result.output
    assert "| Stopping epoch | 1 |" in result.stdout
    record = json.loads(pathlib.Path("cv/record.json").read_text())
    assert [x["learning_rate"] for x in record["rates"]] == [0.01]
    sizes = record["settings"]["task"]["sizes"]
    # Of 12 images a class 2 are tested on and a fifth of 10 is held out.
    assert sizes == {"train": 24, "validation": 6, "test": 6}
    picture = next(pathlib.Path(images, "red").iterdir())
    assert snow("predict", "cv", picture).exit_code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--method", "ftt"], "Did you mean `ft`"),
        (["--rates", ""], "rates=[]"),
        (["--rates", "0.1,-1"], "rate=-1.0"),
        (["--rates", "nan"], "rate=nan"),
        (["--rates", "0.1,0.1"], "each of them once"),
        (["--rates", "0.1,fast"], "'fast'"),
        (["--epochs", "0"], "epochs=0"),
        (["--augmentation", "crops"], "Did you mean `crop`"),
        (["--normalise", "dat"], "Did you mean `data`"),
        (["--validation", "0"], "too small to split"),
        (["--batch-size", "4000"], "fewer training images than one batch"),
        (["--momentum", "1"], "momentum=1.0"),
        (["--source", "resnet5"], "Did you mean `resnet50`"),
    ],
)
def test_bad_options(fails, images, source, options, words):
    command = ["crossvalidate", images, "--source", source, *TINY]
    assert words in fails(*command, *options)


def test_a_task_too_small_to_split(fails, tmp_path, source):
    small = draw(tmp_path / "small", count=2)
    message = fails("crossvalidate", small, "--source", source, *TINY)
    assert "three of each class" in message


def test_every_rate_diverging_is_one_sentence(fails, images, source):
    options = ["--method", "ft", "--rates", "1e30", "--source", source]
    message = fails("crossvalidate", images, *options, *TINY)
    assert "Every learning rate diverged" in message
    assert "rates=[1e+30]" in message
