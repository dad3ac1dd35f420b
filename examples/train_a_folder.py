"""Learns a task from a folder of images, with one folder a class.

`python examples/train_a_folder.py birds --out runs/birds`; with `--tiny` it
draws a small folder by itself.
"""

import argparse
import pathlib
import tempfile

import keras
import numpy as np
from keras import layers
from PIL import Image

from keras_snow import Recipe
from keras_snow import SNOWModel
from keras_snow import Task
from keras_snow import evaluate
from keras_snow import train
from keras_snow.recipes import recipes


# --8<-- [start:train]
def learn(
    folder: str,
    source: str,
    out: str,
    image_size: int,
    recipe: Recipe | None = None,  # By the number of images.
) -> None:
    """Trains, evaluates and saves a task."""
    task = Task.from_folder(folder)
    model = SNOWModel.from_source(source, num_classes=task.num_classes)
    train(model, task, recipe, out=out, image_size=image_size)
    result = evaluate(model, task, image_size=image_size)
    print(f"test accuracy: {result['top1']:.1%}")


# --8<-- [end:train]


def draw_folder(folder: pathlib.Path) -> None:
    """Draws two classes of noisy images: reddish and bluish."""
    random = np.random.default_rng(0)
    for name, channel in (("red", 0), ("blue", 2)):
        (folder / name).mkdir(parents=True)
        for index in range(30):
            pixels = random.integers(0, 128, (40, 48, 3), "uint8")
            pixels[..., channel] += 100
            Image.fromarray(pixels).save(folder / name / f"{index}.png")


def save_small_source(path: pathlib.Path) -> None:
    """Saves a random network: enough to see that everything works."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, 2, "same", activation="relu")(x)
    keras.Model(image, x, name="small").save(path)


def main() -> None:
    """Trains on a folder of yours, or on a drawn one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", help="one folder a class")
    parser.add_argument("--source", default="resnet50")
    parser.add_argument("--out", default="runs/folder")
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--tiny", action="store_true", help="a minute only")
    options = parser.parse_args()
    if options.tiny:
        with tempfile.TemporaryDirectory() as temporary:
            place = pathlib.Path(temporary)
            draw_folder(place / "images")
            save_small_source(place / "small.keras")
            learn(
                str(place / "images"),
                str(place / "small.keras"),
                str(place / "run"),
                image_size=32,
                recipe=recipes.get("small").replace(epochs=20),
            )
    elif options.folder:
        learn(options.folder, options.source, options.out, options.image_size)
    else:
        parser.error("name a folder of images, or say --tiny")


if __name__ == "__main__":
    main()
