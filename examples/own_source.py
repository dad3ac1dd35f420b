"""Makes a source of a network of your own, and learns a task on it.

Run it with `--tiny` for a small network and few images.
"""

import argparse

import keras
import numpy as np
from keras import layers

from keras_snow import SNOWModel
from keras_snow import Source
from keras_snow import find_candidates


# --8<-- [start:source]
def build_network(width: int) -> keras.Model:
    """A network of yours: raw RGB in, its scaling inside."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    for stage in range(3):
        x = layers.Conv2D(width << stage, 3, 2, "same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU(name=f"stage{stage + 1}")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(10)(x), name="mine")


def tap(network: keras.Model) -> Source:
    """Names the layers whose maps are shared."""
    for candidate in find_candidates(network):
        print(f"can be tapped: {candidate}")
    return Source(network, taps=["stage1", "stage2", "stage3"])


# --8<-- [end:source]


def main() -> None:
    """Trains a delta on random images, to show the calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="seconds only")
    tiny = parser.parse_args().tiny

    count, size, width = (16, 32, 16) if tiny else (512, 96, 32)
    random = np.random.default_rng(0)
    labels = np.arange(count) % 2
    images = random.integers(0, 128, (count, size, size, 3)).astype("float32")
    images[labels == 1, ..., 0] += 100  # The second class is redder.

    source = tap(build_network(width))
    before = source.fingerprint
    model = SNOWModel.from_source(source, num_classes=2)
    model.fit(images, labels, batch_size=8, epochs=1 if tiny else 5)
    model.save_delta("delta.keras")

    print(f"the source is unchanged: {source.fingerprint == before}")
    again = SNOWModel.from_delta(source, "delta.keras")
    same = np.allclose(again.predict(images), model.predict(images), atol=1e-4)
    print(f"the saved delta answers alike: {same}")


if __name__ == "__main__":
    main()
