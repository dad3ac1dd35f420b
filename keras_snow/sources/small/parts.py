"""What the small networks are made of."""

from typing import Any

import keras
from keras import layers

# ImageNet's, as of torchvision, in units of raw pixels.
_MEAN = (123.675, 116.28, 103.53)
_DEVIATION = (58.395, 57.12, 57.375)


def raw_image() -> tuple[Any, Any]:
    """Returns the input of a network, raw RGB, and its pixels scaled."""
    image = keras.Input((None, None, 3), name="image")
    scale = [1.0 / each for each in _DEVIATION]
    offset = [-m / d for m, d in zip(_MEAN, _DEVIATION, strict=True)]
    return image, layers.Rescaling(scale, offset, name="scaled")(image)


def convolve(
    x: Any, filters: int, size: int, name: str, strides: int = 1
) -> Any:
    """Convolves without a bias, as in front of a normalisation.

    Args:
        x: Maps.
        filters: Maps to make.
        size: Pixels of a side of the kernel.
        name: Of the layer.
        strides: Pixels of a step.
    """
    return layers.Conv2D(
        filters,
        size,
        strides,
        "same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)


def normalise(x: Any, name: str) -> Any:
    """Normalises by batch statistics, with the constants of PyTorch.

    Args:
        x: Maps.
        name: Of the layer.
    """
    # Keras' momentum of 0.99 needs hundreds of steps to forget the start.
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def activate(x: Any, name: str) -> Any:
    """Normalises and takes the positive part.

    Args:
        x: Maps.
        name: Of both layers: `NAME_bn` and `NAME_relu`.
    """
    return layers.ReLU(name=f"{name}_relu")(normalise(x, f"{name}_bn"))
