"""Tasks and a source on which a sequence is learned in seconds."""

import keras
import numpy as np
from keras import layers

from keras_snow.data.task import Task
from keras_snow.lifelong import LifelongOptions
from keras_snow.training import TrainingOptions

SIZE = 16
QUIET = TrainingOptions(
    cache="auto",
    tensorboard=False,
    record_selections=0,
    verbose=False,
    evaluation_batch_size=8,
)
OPTIONS = LifelongOptions(
    image_size=SIZE,
    changes={
        "epochs": 2,
        "batch_size": 12,
        "learning_rate": 0.05,
        "augmentation": "none",
    },
    training=QUIET,
)


def colours(name="colours", count=60, seed=0):
    """Three classes that differ in their mean colour."""
    draw = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    images = draw.integers(0, 120, (count, SIZE, SIZE, 3))
    images[np.arange(count), :, :, labels] += 100
    return Task.from_arrays(images.astype("uint8"), labels, name=name)


def stripes(name="stripes", count=60, seed=1):
    """Two classes that differ in the direction of grey stripes."""
    draw = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    line = 128 + 100 * np.sin(np.arange(SIZE) * 1.6)
    grey = np.broadcast_to(line, (count, SIZE, SIZE)).copy()
    grey[labels == 1] = grey[labels == 1].transpose(0, 2, 1)
    noise = draw.normal(0, 10, (count, SIZE, SIZE, 3))
    images = (grey[..., None] + noise).clip(0, 255).astype("uint8")
    return Task.from_arrays(images, labels, name=name)


def tiny_network():
    """A network of two taps; its weights are always the same."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, -1.0, name="scale")(image)
    for width, name in ((16, "early"), (32, "late")):
        x = layers.Conv2D(
            width,
            3,
            2,
            "same",
            activation="relu",
            name=name,
            kernel_initializer=keras.initializers.HeNormal(seed=width),
        )(x)
    return keras.Model(image, x, name="tiny")
