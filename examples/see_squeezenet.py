"""Looks into a SqueezeNet: its answer, its first filters, its first maps.

Run it with `--tiny` for a toy network and a drawn image, or with a SqueezeNet
of yours, a `.keras` file from raw RGB to logits:

    python examples/see_squeezenet.py squeezenet.keras samoyed.jpg
"""

import argparse
import pathlib

import keras
import numpy as np
from keras import layers

from keras_snow.data import evaluation_image
from keras_snow.evaluation import activations
from keras_snow.evaluation import first_filters
from keras_snow.sources.source import load_network
from keras_snow.visualization import draw_activations
from keras_snow.visualization import draw_filters
from keras_snow.visualization import save_figure


def toy_network() -> keras.Model:
    """A first layer, one fire module and logits, with random weights."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    x = layers.Conv2D(16, 7, 2, name="conv1")(x)
    x = layers.ReLU(name="conv1_relu")(x)
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    x = layers.Conv2D(4, 1, activation="relu", name="fire2_squeeze")(x)
    left = layers.Conv2D(8, 1, activation="relu", name="fire2_1x1")(x)
    right = layers.Conv2D(8, 3, padding="same", name="fire2_3x3")(x)
    x = layers.Concatenate(name="fire2_out")([left, right])
    x = layers.Conv2D(10, 1, name="conv10")(x)
    return keras.Model(image, layers.GlobalAveragePooling2D()(x), name="toy")


def drawn_image(size: int) -> np.ndarray:
    """A disc on a gradient, raw RGB."""
    rows, columns = np.mgrid[:size, :size] / size
    pixels = np.stack([255 * rows, 255 * columns, 128 + 0 * rows], axis=-1)
    disc = (rows - 0.5) ** 2 + (columns - 0.4) ** 2 < 0.06
    pixels[disc] = [230, 220, 60]
    return pixels.astype("uint8")


# --8<-- [start:see]
def see(network: keras.Model, image: np.ndarray, layer: str) -> None:
    """Draws the first filters, and the first maps before and after the ReLU."""
    kernel = first_filters(network)
    save_figure(draw_filters(kernel, "First layer"), "filters.png")
    found = activations(network, image, layer)
    first = slice(0, 16)
    figure = draw_activations(
        found.before[..., first], found.after[..., first], title=found.layer
    )
    save_figure(figure, "activations.png")


# --8<-- [end:see]


def print_top(
    network: keras.Model, image: np.ndarray, names: list[str]
) -> None:
    """Prints the five most probable classes."""
    logits = network(image[None].astype("float32"), training=False)
    scores = keras.ops.convert_to_numpy(keras.ops.softmax(logits))[0]
    for label in np.argsort(-scores)[:5]:
        name = names[label] if names else f"class {label}"
        print(f"{scores[label]:7.2%}  {name}")


def main() -> None:
    """Prints the top five, and writes `filters.png` and `activations.png`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", nargs="?", help="a .keras file")
    parser.add_argument("image", nargs="?")
    parser.add_argument("--names", help="a file with one class name a line")
    parser.add_argument("--size", type=int, default=224, help="pixels")
    parser.add_argument("--layer", default="conv1")
    parser.add_argument("--tiny", action="store_true", help="seconds only")
    given = parser.parse_args()
    if given.tiny:
        network, image = toy_network(), drawn_image(64)
    elif given.network and given.image:
        network = load_network(given.network)
        image = evaluation_image(given.image, given.size)
    else:
        parser.error("name a network and an image, or give --tiny")
    names = []
    if given.names:
        names = pathlib.Path(given.names).read_text().splitlines()
    print_top(network, image, names)
    see(network, image, given.layer)
    kernel = first_filters(network)
    print(f"filters.png: {kernel.shape[-1]} filters; activations.png: 16 maps")


if __name__ == "__main__":
    main()
