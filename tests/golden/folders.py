"""Folders that an earlier version left, which must keep loading.

`python -m tests.golden.folders` makes them anew, which is right only where
old folders are given up.
"""

import os
import pathlib
import re
import sys
import tempfile
import zipfile

import keras
import numpy as np
from click.testing import CliRunner

from keras_snow.cli.main import main

ARCHIVE = pathlib.Path(__file__).parent / "folders.zip"
_TINY = "--image-size 16 --batch-size 8 --epochs 1 --quiet --source small.keras"
COMMANDS = {
    "run": f"train colours.npz --out run --k 4 {_TINY}",
    "comparison": "compare colours.npz --methods fo --seeds 1 --no-tune-rate "
    f"--out comparison {_TINY}",
    "search": "tune colours.npz --search k --tuner grid --max-trials 1 "
    f"--out search {_TINY}",
    "sequence": "lifelong colours.npz shades.npz --method snow --start none "
    f"--route --k 4 --out sequence {_TINY}",
}
# What is measured or drawn anew by each command.
_LEFT_OUT = re.compile(r"\.(png|svg|pdf|txt|lock|csv|md)$|/(tensorboard|logs)/")
_ROOT = "/golden"


def draw():
    """Writes the two tasks into the folder at hand: colours, and greys."""
    random = np.random.default_rng(0)
    for name, classes in (("colours", 3), ("shades", 2)):
        labels = np.arange(36) % classes
        pixels = random.integers(0, 120, (36, 16, 16, 3), "uint8")
        if name == "colours":
            pixels[np.arange(36), :, :, labels] += 120
        else:
            pixels += (labels * 120).astype("uint8")[:, None, None, None]
        np.savez_compressed(f"{name}.npz", images=pixels, labels=labels)


def snow(command):
    """Calls the command, which must succeed."""
    result = CliRunner().invoke(main, command.split())
    assert result.exit_code == 0, (command, result.output, result.exception)
    return result.stdout


def unpack(folder):
    """Unpacks the folders, and sets their root."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    for path in folder.rglob("*.json"):
        path.write_text(path.read_text().replace(_ROOT, str(folder)))


def make():
    """Trains, and packs what was left."""
    draw()
    network().save("small.keras")
    for command in COMMANDS.values():
        snow(command)
    snow("bundle create bundle --source small.keras")
    snow("bundle add bundle colours run")
    images = np.load("colours.npz")["images"]
    np.save("logits.npy", logits("run", images))
    root = os.getcwd()
    with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(pathlib.Path().rglob("*")):
            if path.is_dir() or _LEFT_OUT.search(f"/{path}"):
                continue
            data = path.read_bytes()
            if path.suffix == ".json":
                data = data.replace(root.encode(), _ROOT.encode())
            entry = zipfile.ZipInfo(str(path))
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)


def network():
    """Returns a source with two taps."""
    image = keras.Input((None, None, 3), name="image")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(image)
    for index, filters in enumerate((8, 16)):
        x = keras.layers.Conv2D(
            filters,
            3,
            2,
            "same",
            activation="relu",
            name=f"stage{index}",
            kernel_initializer=keras.initializers.GlorotUniform(seed=index),
        )(x)
    return keras.Model(image, x, name="small")


def logits(run, images):
    """Returns what a run's model answers."""
    from keras_snow import load_run

    return load_run(run)[0].predict(images.astype("float32"), verbose=0)


if __name__ == "__main__":
    sys.argv = ["keras-snow"]  # Records keep the command.
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        make()
        sys.stdout.write(f"{ARCHIVE.stat().st_size} bytes\n")
        os.chdir(ARCHIVE.parent)
