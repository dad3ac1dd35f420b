"""Learns a task from arrays on the JAX backend, without TensorFlow.

Run it with `--tiny` for a small network and few images.
"""

import argparse
import os

os.environ["KERAS_BACKEND"] = "jax"  # Before Keras is imported.

import keras
import numpy as np
from keras import layers

from keras_snow import SNOWModel
from keras_snow import Task
from keras_snow.data import evaluation_batches
from keras_snow.data import training_batches


def build_network(width: int) -> keras.Model:
    """A small source; `load_source("resnet50")` in earnest."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    for stage in range(2):
        x = layers.Conv2D(width << stage, 3, 2, "same", activation="relu")(x)
    return keras.Model(image, x, name="small")


# --8<-- [start:arrays]
def learn(task: Task, image_size: int, epochs: int) -> float:
    """Trains a delta and returns its accuracy on the test split."""
    batches = training_batches(task, image_size, batch_size=8)
    model = SNOWModel.from_source(build_network(16), task.num_classes)
    steps = batches.steps
    model.fit(batches.data, steps_per_epoch=steps, epochs=epochs, shuffle=False)
    test = evaluation_batches(task, "test", image_size, batch_size=8)
    return model.evaluate(test.data, return_dict=True)["accuracy"]


# --8<-- [end:arrays]


def stripes(count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws noisy stripes: upright for class 0, level for class 1."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % 2
    wave = 60 * np.sign(np.sin(np.arange(size) * np.pi / 4))
    images = np.tile(wave, (count, size, 1))
    images[labels == 1] = images[labels == 1].transpose(0, 2, 1)
    images = images[..., None] + random.normal(128, 20, (count, size, size, 3))
    return images.clip(0, 255).astype("uint8"), labels


def main() -> None:
    """Trains on images that the example draws."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="seconds only")
    tiny = parser.parse_args().tiny

    images, labels = stripes(count=48 if tiny else 480, size=32)
    task = Task.from_arrays(images, labels, ["upright", "level"])
    accuracy = learn(task, image_size=32, epochs=1 if tiny else 10)
    print(f"backend: {keras.backend.backend()}")
    print(f"test accuracy: {accuracy:.1%}")


if __name__ == "__main__":
    main()
