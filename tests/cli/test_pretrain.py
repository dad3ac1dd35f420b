"""`keras-snow pretrain` makes a source that the other verbs take."""

import pytest

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
    ],
)
def test_bad_options(fails, images, source, options, words):
    given = ["--network", source, *TINY, *options]
    assert words in fails("pretrain", images, *given)
