"""`compare` and `report`: what they refuse, and what they print."""

import contextlib
import io

import pytest

from keras_snow.reports import comparison
from keras_snow.reports.job import run_job
from tests.cli.conftest import draw

TINY = ["--image-size", "32", "--batch-size", "8", "--epochs", "1", "--quiet"]


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    def run_here(job, log):
        with contextlib.redirect_stderr(io.StringIO()):
            return run_job(job)

    monkeypatch.setattr(comparison, "run_in_child", run_here)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--methods", "snow,probe_al"], "Did you mean `probe_all`"),
        (["--methods", "fo,fo"], "'fo', 2 times"),
        (["--methods", ","], "',' names nothing"),
        (["--subscriptions", ""], "'' names nothing"),
        (["--subscriptions", "attentoin"], "Did you mean `attention`"),
        (["--methods", "fo", "--subscriptions", "all"], "Add `snow`"),
        (["--source", "resnet5"], "Did you mean `resnet50`"),
        (["--recipe", "papier"], "Did you mean `paper`"),
        (["--set", "k"], "A setting is `name=value`"),
        (["--set", "sigm=0"], "Did you mean `sigma`"),
        (["--set", "seed=1"], "`seeds` has an argument of its own"),
        (
            ["--methods", "fo", "--set", "k=0.5"],
            "Settings of deltas are SNOW's",
        ),
        (["--epochs", "0"], "epochs=0"),
        (["--tune-epochs", "0"], "tune_epochs=0"),
        (["--batch-size", "4000"], "fewer training images than one batch"),
        (["--validation", "0"], "too small to split"),
    ],
)
def test_bad_options_of_compare(fails, images, source, options, words):
    assert words in fails(
        "compare", images, "--source", source, *TINY, *options
    )


def test_a_task_too_small_to_split(fails, tmp_path, source):
    small = draw(tmp_path / "small", count=2)
    message = fails("compare", small, "--source", source, *TINY)
    assert "three of each class" in message
    assert "0 validation" in message


def test_an_unknown_task_names_the_nearest(fails):
    assert "Did you mean `cars196`" in fails("compare", "cars169")


def test_no_seeds(snow, images):
    assert snow("compare", images, "--seeds", "0").exit_code == 2


def test_report_without_a_comparison(fails, tmp_path):
    assert "no comparison in this folder" in fails("report", tmp_path)


def test_compare_prints_a_table_that_report_prints_again(snow, images, source):
    options = ["--methods", "probe_last,bn", "--seeds", "1", "--no-tune-rate"]
    result = snow(
        "compare", images, "--source", source, "--out", "out", *TINY, *options
    )
    assert result.exit_code == 0, result.output
    assert "| probe_last |" in result.stdout
    assert "bn (failed): The source has no batch norm" in result.stdout
    assert snow("report", "out").stdout == result.stdout


def test_nothing_that_works_is_an_error(fails, images, source):
    options = ["--methods", "bn", "--seeds", "1", "--source", source]
    message = fails("compare", images, *options, *TINY)
    assert "No run has finished" in message
