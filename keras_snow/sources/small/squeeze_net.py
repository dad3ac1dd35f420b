"""SqueezeNet 1.1, and its weights from a file of arrays."""

import pathlib
from typing import Any

import keras
from keras import layers

from keras_snow.core.archive import load_arrays

MEAN = (123.0, 117.0, 104.0)  # Of RGB, as its authors' Caffe model has it.


def squeeze_net() -> keras.Model:
    """SqueezeNet 1.1 up to its last fire module.

    Reference:
        [Iandola et al., 2016](https://arxiv.org/abs/1602.07360)

    Examples:
        >>> squeeze_net().count_params()
        722496
    """
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1.0, [-mean for mean in MEAN], name="mean")(image)
    x = _convolve(x, 64, 3, "conv1", strides=2)
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    sizes = (16, 16, 32, 32, 48, 48, 64, 64)
    for fire, size in enumerate(sizes, start=2):
        x = _convolve(x, size, 1, f"fire{fire}_squeeze1x1")
        left = _convolve(x, 4 * size, 1, f"fire{fire}_expand1x1")
        right = _convolve(x, 4 * size, 3, f"fire{fire}_expand3x3", "same")
        x = layers.Concatenate(name=f"fire{fire}_out")([left, right])
        if fire in (3, 5):
            x = layers.MaxPooling2D(3, 2, name=f"pool{fire}")(x)
    return keras.Model(image, x, name="squeezenet")


def read_arrays(network: keras.Model, path: pathlib.Path) -> None:
    """Gives SqueezeNet the weights of its authors, as an `.npz`.

    Args:
        network: What `squeeze_net` returned.
        path: A file of arrays `LAYER/kernel` and `LAYER/bias`.

    Raises:
        ValueError: If an array is missing or has another shape.
    """
    arrays = load_arrays(path)
    for layer in network.layers:
        for weight in layer.weights:
            name = f"{layer.name}/{weight.name}"
            if name not in arrays:
                raise ValueError(f"there is no array {name}")
            value = arrays[name]
            # Caffe reads images as BGR.
            of_pixels = value.ndim == 4 and value.shape[2] == 3
            weight.assign(value[:, :, ::-1] if of_pixels else value)


def _convolve(
    x: Any, filters: int, size: int, name: str, padding: str = "valid", **more
) -> Any:
    x = layers.Conv2D(filters, size, padding=padding, name=name, **more)(x)
    return layers.ReLU(name=f"{name}_relu")(x)
