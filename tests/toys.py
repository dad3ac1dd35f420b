"""Small sources, settings and tasks that several tests share."""

import json

import keras
import numpy as np
from keras import layers

# No kernel of a delta has this size: its graph operations tell whose they are.
KERNEL = 5
SIZE = 32
STAGES = {"stem_relu": 8, "block1_out": 8, "block2_out": 16, "block3_out": 32}
# What tests rely on is said here: the defaults may be tuned at any time.
SETTINGS = {
    "k": 0.25,
    "sigma": 0.03,
    "width": 0.5,
    "binding": "rows",
    "speed": 3.0,
    "head": "delta",
    "head_gain": 0.3,
    "head_decay": 0.0,
    "dropout": 0.0,
    "seed": 1,
}


def residual_network(seed=0, name="toy", image_size=None):
    """Returns a network of three residual blocks, 32 px to 4 px."""
    draw = np.random.default_rng(seed)

    def normal(**_):
        return keras.initializers.HeNormal(seed=int(draw.integers(1 << 30)))

    def convolve(x, filters, strides, name, relu=True):
        x = layers.Conv2D(
            filters,
            KERNEL,
            strides,
            "same",
            kernel_initializer=normal(),
            name=f"{name}_conv",
        )(x)
        x = layers.BatchNormalization(name=f"{name}_bn")(x)
        return layers.ReLU(name=f"{name}_relu")(x) if relu else x

    image = keras.Input((image_size, image_size, 3), name="image")
    x = layers.Rescaling(1 / 64, offset=-2.0, name="rescaling")(image)
    x = convolve(x, 8, 2, "stem")
    for index, filters in enumerate((8, 16, 32), start=1):
        block, strides = f"block{index}", 1 if index == 1 else 2
        y = convolve(x, filters, strides, f"{block}_1")
        y = convolve(y, filters, 1, f"{block}_2", relu=False)
        if strides > 1:
            x = convolve(x, filters, strides, f"{block}_0", relu=False)
        x = layers.Add(name=f"{block}_add")([x, y])
        x = layers.ReLU(name=f"{block}_out")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    network = keras.Model(image, layers.Dense(4, name="top")(x), name=name)
    unsettle(network, draw)
    return network


def unsettle(network, draw):
    """Gives batch normalisations statistics as if they had been trained."""
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            size = layer.moving_mean.shape
            layer.moving_mean.assign(draw.normal(0, 0.3, size))
            layer.moving_variance.assign(draw.uniform(0.5, 2.0, size))


def images(count=4, size=SIZE, seed=0):
    """Returns raw RGB noise, float32."""
    draw = np.random.default_rng(seed)
    return draw.integers(0, 256, (count, size, size, 3)).astype("float32")


def striped_task(count=96, num_classes=3, seed=0):
    """Returns images and labels: a class is the direction of its stripes."""
    draw = np.random.default_rng(seed)
    labels = (np.arange(count) % num_classes).astype("int32")
    rows, columns = np.mgrid[:SIZE, :SIZE]
    slope = [rows, columns, rows + columns, rows - columns]
    pixels = np.stack(
        [
            128 + 90 * np.sin(slope[label] * 0.9 + draw.uniform(0, 6))
            for label in labels
        ]
    )
    pixels = pixels[..., None] + draw.normal(0, 20, (count, SIZE, SIZE, 3))
    return pixels.clip(0, 255).astype("float32"), labels


def plain(layer):
    """Returns a layer's configuration as it stands in a file."""
    config = keras.saving.serialize_keras_object(layer)["config"]
    return json.loads(json.dumps(config))


def values_of(model):
    """Returns copies of all weights, in order."""
    return [np.array(value) for value in model.get_weights()]


def assert_equal_values(some, others):
    """Compares two lists of arrays bit by bit."""
    assert len(some) == len(others)
    for one, other in zip(some, others, strict=True):
        np.testing.assert_array_equal(one, other)
