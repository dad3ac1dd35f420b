"""From a folder of images through search, training and figures to a bundle.

`python examples/images_to_bundle.py birds`; with `--tiny` it draws a small
folder by itself.
"""

import argparse
import os
import pathlib
import tempfile

import keras
import numpy as np
from keras import layers
from PIL import Image

from keras_snow import Bundle
from keras_snow import Recipe
from keras_snow import Task
from keras_snow import load_source
from keras_snow.reports.see import plot
from keras_snow.training import TrainingOptions
from keras_snow.tuning import SweepOptions
from keras_snow.tuning import TuneOptions
from keras_snow.tuning import choose_space
from keras_snow.tuning import sweep
from keras_snow.tuning import tune


# --8<-- [start:search]
def search(task: Task, options: SweepOptions, max_trials: int) -> dict:
    """Searches K and sigma, judged by validation images."""
    found = tune(
        task,
        choose_space(["k", "sigma"]),
        "search",
        TuneOptions("random", max_trials),
        options,
    )
    print((found.folder / "trials.md").read_text())
    return found.best_row["settings"]


# --8<-- [end:search]


# --8<-- [start:train]
def learn(task: Task, options: SweepOptions, best: dict) -> pathlib.Path:
    """Trains the best settings again, and tests them once."""
    (record,) = sweep(task, [best], "trained", options)
    print(f"test accuracy: {record['results']['test']['top1']:.1%}")
    (run,) = pathlib.Path("trained").glob("*/record.json")
    return run.parent


# --8<-- [end:train]


# --8<-- [start:bundle]
def serve(run: pathlib.Path, source: str) -> None:
    """Draws what was learned, and puts it into a bundle."""
    plot("selections", run, out="selections.png")
    bundle = Bundle(load_source(source))
    bundle.add("colours", run)
    bundle.save("shop")
    print("in the bundle:", ", ".join(task.name for task in bundle.tasks))


# --8<-- [end:bundle]


def draw_folder(folder: pathlib.Path) -> None:
    """Draws two classes of noisy images: reddish and bluish."""
    random = np.random.default_rng(0)
    for name, channel in (("red", 0), ("blue", 2)):
        (folder / name).mkdir(parents=True)
        for index in range(20):
            pixels = random.integers(0, 128, (40, 48, 3), "uint8")
            pixels[..., channel] += 100
            Image.fromarray(pixels).save(folder / name / f"{index}.png")


def save_small_source(path: pathlib.Path) -> None:
    """Saves a random network: enough to see that everything works."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    for filters in (16, 16):
        x = layers.Conv2D(filters, 3, 2, "same", activation="relu")(x)
    keras.Model(image, x, name="small").save(path)


def run(folder: str, source: str, image_size: int, tiny: bool) -> None:
    """Goes the whole way, in the current folder."""
    task = Task.from_folder(folder)
    recipe = Recipe(epochs=1, batch_size=8, learning_rate=0.01)
    options = SweepOptions(
        source,
        image_size=image_size,
        recipe=recipe if tiny else None,
        training=TrainingOptions(verbose=not tiny, tensorboard=False),
    )
    best = search(task, options, max_trials=2 if tiny else 16)
    serve(learn(task, options, best), source)


def main() -> None:
    """Works on a folder of yours, or on a drawn one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", help="one folder a class")
    parser.add_argument("--source", default="resnet50")
    parser.add_argument("--tiny", action="store_true", help="a minute only")
    given = parser.parse_args()
    if not given.tiny:
        run(given.folder, given.source, 224, tiny=False)
        return
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        draw_folder(pathlib.Path("colours"))
        save_small_source(pathlib.Path("small.keras"))
        run("colours", "small.keras", 32, tiny=True)


if __name__ == "__main__":
    main()
