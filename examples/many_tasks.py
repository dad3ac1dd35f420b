"""Serves many tasks from one pass of one source.

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


def build_source(width: int) -> Source:
    """A small network; `load_source("resnet50")` would do as well."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    for stage in range(3):
        x = layers.Conv2D(width << stage, 3, 2, "same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU(name=f"stage{stage + 1}")(x)
    return Source(keras.Model(image, x, name="mine"))


def learn(source: Source, channel: int, images: np.ndarray) -> SNOWModel:
    """Learns whether an image has much of a colour."""
    labels = (images[..., channel].mean(axis=(1, 2)) > 127).astype("int32")
    model = SNOWModel.from_source(source, num_classes=2, seed=channel)
    model.fit(images, labels, batch_size=8, verbose=0)
    return model


# --8<-- [start:bundle]
def collect(source: Source, images: np.ndarray, folder: str) -> Bundle:
    """Puts two tasks into a folder, then a third."""
    bundle = Bundle(source)
    bundle.add("red", learn(source, 0, images), class_names=["little", "much"])
    bundle.add("green", learn(source, 1, images))
    bundle.save(folder)

    before = bundle(images)["red"]
    bundle.add("blue", learn(source, 2, images))
    after = Bundle.load(folder)(images)  # One pass for three tasks.
    print("tasks:", ", ".join(after))
    print("red is unchanged:", np.array_equal(before, after["red"]))
    return bundle


# --8<-- [end:bundle]


# --8<-- [start:fold]
def serve(bundle: Bundle, images: np.ndarray) -> None:
    """Makes one model of source and deltas."""
    model = bundle.fold(image_size=images.shape[1])
    logits = model.predict(images, verbose=0)
    for name, values in logits.items():
        print(f"{name}: {values.argmax(-1).tolist()}")


# --8<-- [end:fold]


def main() -> None:
    """Learns three tasks on random images, to show the calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="seconds only")
    tiny = parser.parse_args().tiny

    count, size, width = (16, 32, 16) if tiny else (256, 96, 32)
    random = np.random.default_rng(0)
    shape = (count, size, size, 3)
    colours = random.integers(0, 180, (count, 1, 1, 3))
    noise = random.integers(0, 76, shape)
    images = (colours + noise).astype("float32")
    with tempfile.TemporaryDirectory() as folder:
        bundle = collect(build_source(width), images, folder)
        serve(bundle, images[:4])


if __name__ == "__main__":
    main()
