"""Tiny images, a tiny source and a run, for the command line's tests."""

import keras
import numpy as np
import pytest
from click.testing import CliRunner
from keras import layers
from PIL import Image

from keras_snow.cli.main import main

TINY = ["--image-size", "32", "--batch-size", "8", "--epochs", "2", "--quiet"]


def draw(folder, classes=("red", "green", "blue"), count=12):
    random = np.random.default_rng(0)
    for channel, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for index in range(count):
            pixels = random.integers(0, 120, (40, 48, 3), "uint8")
            pixels[..., channel] += 120
            Image.fromarray(pixels).save(folder / name / f"{index:02}.png")
    return folder


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    for index, filters in enumerate((8, 16)):
        x = layers.Conv2D(
            filters,
            3,
            2,
            "same",
            name=f"conv{index}",
            kernel_initializer=keras.initializers.GlorotUniform(seed=index),
        )(x)
        x = layers.ReLU(name=f"stage{index}")(x)
    path = tmp_path_factory.mktemp("source") / "small.keras"
    keras.Model(image, x, name="small").save(path)
    return str(path)


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    return draw(tmp_path_factory.mktemp("task") / "colours")


@pytest.fixture(scope="session")
def run(images, source, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "colours"
    arguments = ["train", images, "--source", source, "--out", out, *TINY]
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture
def snow(tmp_path, monkeypatch):
    """Calls the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        return CliRunner().invoke(main, [str(each) for each in arguments])

    return call


@pytest.fixture
def fails(snow):
    """Calls the command; it must answer with one sentence and exit with 2."""

    def call(*arguments):
        result = snow(*arguments)
        assert result.exit_code == 2, result.output
        assert isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.output
        errors = [
            line
            for line in result.stderr.splitlines()
            if line.startswith("Error: ")
        ]
        assert len(errors) == 1, result.stderr
        assert result.stderr.endswith(errors[0] + "\n")
        return errors[0]

    return call
