"""Learns tasks one after another, and tells them apart when nobody says.

Run it with `--tiny` for two tasks, a small network and few images.
"""

import argparse
import os
import tempfile

import keras
import numpy as np
from keras import layers

from keras_snow import Source
from keras_snow import Task
from keras_snow import TrainingOptions
from keras_snow import load_run
from keras_snow.lifelong import LifelongOptions
from keras_snow.lifelong import TaskRouter
from keras_snow.lifelong import learn

SIZE = 24


def build_source(width: int) -> keras.Model:
    """A small network; the file or name of a large one would do as well."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    for stage in range(2):
        x = layers.Conv2D(width << stage, 3, 2, "same", use_bias=False)(x)
        x = layers.ReLU(name=f"stage{stage + 1}")(x)
    return keras.Model(image, x, name="mine")


def draw_task(name: str, base: int, count: int) -> Task:
    """Images around one grey value, brighter in one of two channels."""
    draw = np.random.default_rng(base)
    labels = np.arange(count) % 2
    grey = draw.integers(base, base + 40, (count, 1, 1, 1))
    images = grey + draw.integers(0, 8, (count, SIZE, SIZE, 3))
    images[np.arange(count), :, :, labels] += 40
    return Task.from_arrays(
        images.astype("uint8"), labels, name=name, validation=0.25
    )


# --8<-- [start:learn]
def learn_all(tasks: list[Task], source: str, folder: str, tiny: bool) -> None:
    """Learns the tasks in their order and prints the matrix."""
    options = LifelongOptions(
        image_size=SIZE,
        changes={"epochs": 1 if tiny else 10, "batch_size": 8},
        training=TrainingOptions(verbose=False, tensorboard=False),
    )
    method = "fo" if tiny else "snow"
    record = learn(tasks, method, source, folder, options)
    for row in record["matrix"]:
        print(["-" if x is None else f"{x:.2f}" for x in row])
    print("forgetting:", record["measures"]["forgetting"])
    print("answers unchanged, bit for bit:", record["identical"])


# --8<-- [end:learn]


# --8<-- [start:route]
def ask(tasks: list[Task], source: str, folder: str) -> None:
    """Asks without saying which task an image belongs to."""
    router = TaskRouter(Source.from_file(source), image_size=SIZE)
    router.fit(tasks, level=0.95)  # One pass; means and one covariance.
    router.save(f"{folder}/mine.npz")

    for number, task in enumerate(tasks, start=1):
        images = task.split("test").read(0)[None].astype("float32")
        model, _ = load_run(f"{folder}/tasks/{number:02}-{task.name}")
        (found,) = router.route(images)
        print(task.name, "is routed to", found, "and answered", model(images))


# --8<-- [end:route]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="in seconds")
    tiny = parser.parse_args().tiny
    names = ["dark", "bright"] if tiny else ["dark", "middle", "bright"]
    count = 40 if tiny else 400
    tasks = [
        draw_task(name, 70 * place, count) for place, name in enumerate(names)
    ]
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "source.keras")
        build_source(8 if tiny else 16).save(source)
        learn_all(tasks, source, os.path.join(folder, "sequence"), tiny)
        ask(tasks, source, os.path.join(folder, "sequence"))


if __name__ == "__main__":
    main()
