"""What the trials share: a drawn task, a small source, the command line."""

import json
import pathlib

import keras
import numpy as np
from click.testing import CliRunner
from keras import layers
from PIL import Image

from keras_snow.cli.main import main

SIZE = 32
TRAINING = ["--source", "small.keras", "--image-size", str(SIZE)]
TRAINING += ["--epochs", "1", "--batch-size", "8"]


def snow(*arguments: object) -> str:
    """Runs the command line, which has to succeed; returns its output."""
    result = CliRunner().invoke(main, [str(x) for x in arguments])
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.output


def refused(*arguments: object) -> str:
    """Runs the command line, which has to refuse; returns its sentence."""
    result = CliRunner().invoke(main, [str(x) for x in arguments])
    assert result.exit_code == 2, result.output + repr(result.exception)
    return result.output


def draw() -> None:
    """Draws reddish and bluish images, and a small source, once."""
    if pathlib.Path("images").exists():
        return
    random = np.random.default_rng(0)
    for name, channel in (("red", 0), ("blue", 2)):
        folder = pathlib.Path("images", name)
        folder.mkdir(parents=True)
        for index in range(20):
            pixels = random.integers(0, 128, (40, 40, 3), "uint8")
            pixels[..., channel] += 100
            Image.fromarray(pixels).save(folder / f"{index}.png")
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    for filters in (8, 16):
        x = layers.Conv2D(filters, 3, 2, "same", activation="relu")(x)
    keras.Model(image, x, name="small").save("small.keras")


def train() -> str:
    """Trains on them as the quick start does; returns what was said."""
    draw()
    said = snow("train", "images", *TRAINING, "--out", "run")
    assert "test: top-1" in snow("evaluate", "run", "images")
    (answer,) = json.loads(snow("predict", "run", "images/red/0.png", "--json"))
    assert answer["predictions"][0]["class"] == "red", answer
    return said


def bundle() -> None:
    """Puts a trained task into a bundle, `shop`, once."""
    if pathlib.Path("shop").exists():
        return
    train()
    snow("bundle", "create", "shop", "--source", "small.keras")
    snow("bundle", "add", "shop", "colours", "run")
