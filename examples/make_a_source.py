"""Makes a source without labels, and learns a task on it.

`python examples/make_a_source.py birds flowers`: folders with a folder of
images a class; with `--tiny` it draws images by itself.
"""

import argparse
import pathlib

import keras
import numpy as np
from keras import layers

from keras_snow import Recipe
from keras_snow import Task
from keras_snow import load_source
from keras_snow.baselines import build_method
from keras_snow.pretraining import Byol
from keras_snow.pretraining import pretrain
from keras_snow.training import TrainingOptions
from keras_snow.training import train

SIZE = 32
QUIET = TrainingOptions(verbose=False, tensorboard=False)


# --8<-- [start:make]
def make(images: Task, network: str, recipe: Recipe, out: pathlib.Path) -> None:
    """Trains a network on views of images, and leaves it as a source."""
    record = pretrain(
        Byol(network), images, recipe, out=out, image_size=SIZE, config=QUIET
    )
    curves = record["curves"]
    print(f"spread: {curves['spread'][-1]:.2f}")  # Below 0.3 it has collapsed.
    print(f"nearest neighbours: {curves['val_knn'][-1]:.1%}")


# --8<-- [end:make]


# --8<-- [start:learn]
def learn(task: Task, source: pathlib.Path, recipe: Recipe) -> None:
    """Fine-tunes the source, its body ten times as slowly as a new head."""
    record = train(
        lambda: build_method("ft", source, task.num_classes, hidden=512),
        task,
        recipe.replace(body_rate=0.1),
        out="runs/learned",
        image_size=SIZE,
        config=QUIET,
    )
    print(f"test accuracy: {record['results']['test']['top1']:.1%}")


# --8<-- [end:learn]


def draw(count: int) -> Task:
    """Draws noise whose mean colour is its class."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % 3
    images = random.integers(0, 120, (count, SIZE, SIZE, 3))
    images[np.arange(count), :, :, labels] += 100
    return Task.from_arrays(images.astype("uint8"), labels)


def small_network() -> str:
    """Saves a network of two layers, and returns its path."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    x = layers.Conv2D(8, 3, 2, activation="relu", name="early")(x)
    x = layers.Conv2D(16, 3, 2, activation="relu", name="late")(x)
    keras.Model(image, x, name="small").save("small.keras")
    return "small.keras"


def main() -> None:
    """Makes a source of the first folder, and learns the second on it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", nargs="?")
    parser.add_argument("task", nargs="?")
    parser.add_argument("--tiny", action="store_true", help="seconds only")
    given = parser.parse_args()

    making, learning = Byol.recipe, Recipe(learning_rate=0.05, batch_size=64)
    if given.tiny:
        images = task = draw(48)
        network = small_network()
        making = making.replace(epochs=1, batch_size=16)
        learning = learning.replace(epochs=1, batch_size=16)
    else:
        images, task = map(Task.from_folder, (given.images, given.task))
        network = "resnet18_small"

    out = pathlib.Path("runs/source")
    make(images, network, making, out)
    learn(task, out, learning)
    taps = ", ".join(tap.name for tap in load_source(out).taps)
    print(f"the source is tapped at: {taps}")


if __name__ == "__main__":
    main()
