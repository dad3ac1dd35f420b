"""`keras-snow pretrain` makes a source that the other verbs take."""

import pytest

from keras_snow.core.files import read_json
from tests.cli.conftest import draw

TINY = ["--image-size", "16", "--batch-size", "8", "--epochs", "1", "--quiet"]


@pytest.fixture(scope="module")
def made(images, source, tmp_path_factory):
    """Returns the folder of a source made on labels."""
    from click.testing import CliRunner

    from keras_snow.cli.main import main

    out = tmp_path_factory.mktemp("runs") / "pre"
    arguments = ["pretrain", images, "--network", source, "--out", out, *TINY]
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code == 0, result.output
    assert f"--source {out}" in result.output
    return out


def test_the_folder_is_a_source_of_other_verbs(made, snow, images):
    assert (made / "source.keras").is_file()
    listed = snow("taps", made).output
    assert listed.split()[3:9:3] == ["stage0", "stage1"]
    options = ["--method", "ft", "--source", made, "--out", "ft"]
    result = snow("train", images, *options, *TINY)
    assert result.exit_code == 0, result.output
    assert snow("taps", "ft").output == listed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--how", "label"], "Did you mean `labels`"),
        (["--network", "conv5"], "Did you mean `conv4`"),
        (["--set", "partition=2"], "no such setting"),
        (["--image-size", "0"], "image_size=0"),
        (["--ways", "3"], "`labels` has no such setting"),
        (["--how", "episodes", "--ways", "2"], "Leave it out"),
        (["--how", "partition", "--binary-weight", "1"], "binary_weight=1"),
        (["--how", "byol", "--augmentation", "crop"], "augmentation='views'"),
        (["--init", "nowhere"], "There is no such folder"),
        (["--cache-taps", "2"], "No such option"),
    ],
)
def test_bad_options(fails, images, source, options, words):
    given = ["--network", source, *TINY, *options]
    assert words in fails("pretrain", images, *given)


def test_episodes_of_classes_that_lie_in_sets(snow, source, tmp_path):
    draw(tmp_path / "sets" / "base", ("ant", "bee", "cat"), count=4)
    draw(tmp_path / "sets" / "novel", ("dog", "eel"), count=4)
    options = ["--network", source, "--how", "episodes", "--ways", "2"]
    options += ["--queries", "2", "--epochs", "1", "--set", "episodes=2"]
    size = ["--image-size", "16", "--out", "pre"]
    arguments = ["pretrain", tmp_path / "sets", *options]
    result = snow(*arguments, *size)
    assert result.exit_code == 0, result.output
    assert "train: 12 images" in result.stderr
    record = read_json("pre/record.json")
    assert record["results"]["test"]["ways"] == 2
    assert record["settings"]["task"]["sizes"] == {"train": 12, "test": 8}
    result = snow(*arguments, "--ways", "4")
    assert "Received: ways=4, 3 classes" in result.stderr
