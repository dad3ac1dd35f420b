"""Makes a task of five photographs of each class, and serves it.

Run it with `--tiny` for a small network and few images.
"""

import argparse
import tempfile

import keras
import numpy as np
from keras import layers

from keras_snow import Bundle
from keras_snow import SNOWModel
from keras_snow import Source
from keras_snow import Task
from keras_snow.fewshot import FewShotOptions
from keras_snow.fewshot import few_shot
from keras_snow.fewshot import prototype_delta


def build_source(width: int) -> Source:
    """A small network; `load_source("resnet50")` in earnest."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    for stage in range(3):
        x = layers.Conv2D(width << stage, 3, 2, "same")(x)
        x = layers.ReLU(name=f"stage{stage + 1}")(x)
    return Source(keras.Model(image, x, name="mine"))


def draw(classes: int, count: int, size: int, first: int = 0) -> Task:
    """Draws noisy tints; `Task.from_folder("photos")` in earnest."""
    random = np.random.default_rng(first)
    labels = np.arange(classes * count) % classes
    tints = random.integers(0, 200, (classes, 1, 1, 3))
    noise = random.integers(0, 56, (len(labels), size, size, 3))
    names = [f"tint{first + index}" for index in range(classes)]
    images = (tints[labels] + noise).astype("uint8")
    return Task.from_arrays(images, labels, names, validation=0.0, test=0.0)


# --8<-- [start:bundle]
def add_photographs(bundle: Bundle, photos: Task, base: Task, size: int):
    """Puts a task of a few photographs into a bundle; nothing is trained."""
    delta, report = prototype_delta(bundle.source, photos, size, base)
    bundle.add("tea", delta, class_names=photos.class_names, image_size=size)
    print(f"images of a class: {report.counts}")
    print(f"right if left out: {report.right} of {report.left_out}")


# --8<-- [end:bundle]


# --8<-- [start:replace]
def train_later(bundle: Bundle, task: Task, epochs: int) -> None:
    """Puts a trained delta in the place of the prototypes."""
    model = SNOWModel.from_source(bundle.source, task.num_classes)
    part = task.split("train")
    images = np.stack([part.read(index) for index in range(len(part))])
    model.fit(images.astype("float32"), part.labels, epochs=epochs, verbose=0)
    replaced = bundle.replace("tea", model)
    print(f"tea is version {replaced.version}")


# --8<-- [end:replace]


# --8<-- [start:study]
def compare(source: Source, task: Task, size: int, folder: str) -> None:
    """Scores the last tap and all taps on classes that neither has seen."""
    options = FewShotOptions(
        ways=(2,), shots=(1, 5), queries=3, episodes=50, image_size=size
    )
    for row in few_shot(task, source, folder, options)["rows"]:
        print(
            f"{row['features']}, {row['distance']}, {row['shots']} shots: "
            f"{row['accuracy']:.1%}"
        )


# --8<-- [end:study]


def main() -> None:
    """Draws photographs, and shows the calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="seconds only")
    tiny = parser.parse_args().tiny

    count, size, width = (8, 32, 8) if tiny else (30, 96, 32)
    source = build_source(width)
    photos = draw(3, 5, size)
    base = draw(12, count, size, first=3)
    bundle = Bundle(source)
    add_photographs(bundle, photos, base, size)
    train_later(bundle, draw(3, count, size), epochs=1 if tiny else 10)
    with tempfile.TemporaryDirectory() as folder:
        compare(source, base, size, folder)


if __name__ == "__main__":
    main()
