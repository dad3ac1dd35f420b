"""`lifelong`: what it prints and leaves, and what it refuses."""

import json
import pathlib

import pytest

from tests.cli.conftest import draw

TINY = ["--image-size", "32", "--batch-size", "8", "--epochs", "1", "--quiet"]


@pytest.fixture(scope="session")
def greys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("second") / "others"
    return draw(folder, classes=("dim", "lit"), count=20)


def test_it_learns_measures_and_routes(snow, images, greys, source):
    command = ["lifelong", images, greys, "--source", source, "--method", "fo"]
    result = snow(*command, *TINY, "--out", "seq", "--route")
    assert result.exit_code == 0, result.output
    assert "| forgetting | 0.00 |" in result.stdout
    assert "bit for bit those of the moment" in result.stdout
    assert "| task | routed right |" in result.stdout
    record = json.loads(pathlib.Path("seq/record.json").read_text())
    assert record["tasks"] == ["colours", "others"]
    assert record["forgetting"] == [0.0]
    page = pathlib.Path("seq/lifelong.md").read_text()
    assert "When nobody says which task" in page
    assert pathlib.Path("seq/router.npz").is_file()
    # Another sequence in the same folder is one sentence.
    other = snow(*command, *TINY, "--out", "seq", "--seed", "1")
    assert other.exit_code == 2
    assert "seed (0 there, 1 now)" in other.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--method", "snwo"], "Did you mean `snow`"),
        (["--method", "ftshared"], "Did you mean `ft_shared`"),
        (["--method", "fo", "--k", "8"], "'fo' has no such setting"),
        (["--method", "lf", "--set", "previous=x"], "sequence itself"),
        (["--method", "bn"], "no batch normalisation"),
        (["--start", "sorce"], "Did you mean `source`"),
        (["--recheck", "0"], "recheck=0"),
        (["--accept", "1"], "accept=1.0"),
        (["--method", "fo,fo"], "each of several once"),
        (["--method", ""], "needs a method"),
        (["--method", "fo,lff"], "Did you mean `lf`"),
        (["--method", "snow,ft", "--k", "4"], "'ft' has no such setting"),
        (["--reversed", "--route"], "one method in one order"),
        (["--route", "--validation", "0"], "Hold some out"),
        (["--foreign", "x.npz"], "x.npz"),
        (["--epochs", "0"], "epochs=0"),
        (["--batch-size", "4000"], "fewer training images than one batch"),
        (["--source", "resnet5"], "Did you mean `resnet50`"),
        (["--image-size", "2", "--method", "snow"], "too small"),
    ],
)
def test_bad_options(fails, images, greys, source, options, words):
    command = ["lifelong", images, greys, "--source", source, *TINY]
    assert words in fails(*command, *options)


def test_one_task_is_no_sequence(fails, images, source):
    message = fails("lifelong", images, "--source", source, *TINY)
    assert "two tasks at least" in message


def test_a_task_is_learned_once(fails, images, source):
    message = fails("lifelong", images, images, "--source", source, *TINY)
    assert "there already as 'colours'" in message


def test_foreign_images_are_for_the_router(fails, images, greys, source):
    command = ["lifelong", images, greys, "--source", source, *TINY]
    assert "Add `--route`" in fails(*command, "--foreign", images)


def test_a_folder_of_other_files_is_refused(
    fails, images, greys, source, tmp_path
):
    (tmp_path / "seq").mkdir()
    (tmp_path / "seq/thesis.txt").write_text("words")
    command = ["lifelong", images, greys, "--source", source, *TINY]
    assert "thesis.txt" in fails(*command, "--out", "seq")
