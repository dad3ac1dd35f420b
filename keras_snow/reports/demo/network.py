"""The network that becomes the demo's source, and its training."""

import dataclasses
import math
import time
from collections.abc import Callable

import keras
import numpy as np
from keras import layers

from keras_snow.data.demo import IMAGE_SIZE
from keras_snow.data.demo import draw_examples
from keras_snow.data.demo_drawing import SHAPES
from keras_snow.data.demo_drawing import TEXTURES

Say = Callable[[str], None]

CROP = 40  # Pixels of a side of what the networks see.
TEST_IMAGES = 1000


@dataclasses.dataclass(frozen=True)
class SourceSettings:
    """How the demo's source is built and trained.

    Args:
        images: Drawn training images.
        epochs: Passes over them.
        batch_size: Images a step.
        learning_rate: Adam's, at the peak of a cosine.
        stem: Maps of the first convolution.
        blocks: Maps and stride of each residual block.
        seed: Of images, weights and order.
    """

    images: int = 4500
    epochs: int = 6
    batch_size: int = 64
    learning_rate: float = 3e-3
    stem: int = 24
    blocks: tuple[tuple[int, int], ...] = ((32, 2), (64, 1), (96, 2))
    seed: int = 0


def build_network(settings: SourceSettings) -> keras.Model:
    """Builds a small residual network with two answers, shape and texture."""
    image = keras.Input((CROP, CROP, 3), name="image")
    x = layers.Rescaling(1 / 64, offset=-2.0, name="rescaling")(image)
    x = _convolution(x, settings.stem, 5, 2, "stem")
    x = layers.ReLU(name="stem_out")(x)
    for index, (filters, strides) in enumerate(settings.blocks, start=1):
        x = _block(x, filters, strides, f"block{index}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    answers = {
        "shape": layers.Dense(len(SHAPES), name="shape")(x),
        "texture": layers.Dense(len(TEXTURES), name="texture")(x),
    }
    return keras.Model(image, answers, name="demo_source")


def train_network(
    settings: SourceSettings, say: Say = lambda text: None
) -> keras.Model:
    """Draws shapes with textures and trains a network to name both."""
    began = time.perf_counter()
    say(f"Source: drawing {settings.images} images of shapes with textures.")
    keras.utils.set_random_seed(settings.seed)
    examples = _Shapes(settings)
    network = build_network(settings)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(
        optimizer=keras.optimizers.Adam(settings.learning_rate),
        loss={"shape": loss, "texture": loss},
        metrics={"shape": ["accuracy"], "texture": ["accuracy"]},
        jit_compile="auto",
    )
    network.fit(
        examples,
        epochs=settings.epochs,
        callbacks=[_Cosine(settings), _Teller(settings, say)],
        verbose=0,
        shuffle=False,
    )
    scores = _score(network, settings)
    say(
        f"Source: {scores['shape']:.0%} of unseen shapes and "
        f"{scores['texture']:.0%} of textures named rightly, "
        f"{time.perf_counter() - began:.0f} s."
    )
    return network


def draw_shapes(
    settings: SourceSettings, count: int, part: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Draws what the network sees, with both answers.

    Other parts are other images: 0 for training, 1 for test.
    """
    images, classes = draw_examples("shapes", count, [settings.seed, part])
    margin = (IMAGE_SIZE - CROP) // 2
    inner = slice(margin, margin + CROP)
    return images[:, inner, inner], {
        "shape": classes % len(SHAPES),
        "texture": classes // len(SHAPES),
    }


class _Shapes(keras.utils.PyDataset):
    """Training images in another order, flipped and turned, every epoch."""

    def __init__(self, settings: SourceSettings) -> None:
        super().__init__()
        self.settings = settings
        self.images, self.labels = draw_shapes(
            settings, settings.images, part=0
        )
        self.epoch = -1
        self.on_epoch_end()

    def __len__(self) -> int:
        return len(self.images) // self.settings.batch_size

    def __getitem__(self, index):
        size = self.settings.batch_size
        rows = self.order[index * size : (index + 1) * size]
        rng = np.random.default_rng([self.settings.seed, self.epoch, index])
        turns, flip = rng.integers(0, 4), rng.integers(0, 2)
        images = np.rot90(self.images[rows], int(turns), axes=(1, 2))
        images = images[:, :, ::-1] if flip else images
        return images.astype("float32"), {
            name: labels[rows] for name, labels in self.labels.items()
        }

    def on_epoch_end(self) -> None:
        self.epoch += 1
        rng = np.random.default_rng([self.settings.seed, self.epoch])
        self.order = rng.permutation(len(self.images))


class _Cosine(keras.callbacks.Callback):
    """A short rise of the learning rate, then a cosine to 0."""

    def __init__(self, settings: SourceSettings) -> None:
        super().__init__()
        self.settings = settings

    def on_epoch_begin(self, epoch, logs=None):
        settings = self.settings
        done = epoch / settings.epochs
        rate = 0.5 * (1 + math.cos(math.pi * done))
        warm = min(1.0, (epoch + 1) / 2)
        optimizer = self.model.optimizer
        optimizer.learning_rate = settings.learning_rate * rate * warm


class _Teller(keras.callbacks.Callback):
    """Says after each epoch how far the training is."""

    def __init__(self, settings: SourceSettings, say: Say) -> None:
        super().__init__()
        self.settings = settings
        self.say = say

    def on_epoch_end(self, epoch, logs=None):
        self.say(
            f"Source: epoch {epoch + 1} of {self.settings.epochs}, "
            f"loss {(logs or {}).get('loss', math.nan):.2f}"
        )


def _score(network, settings):
    images, labels = draw_shapes(settings, TEST_IMAGES, part=1)
    answers = network.predict(images.astype("float32"), 100, verbose=0)
    return {
        name: float((answers[name].argmax(axis=-1) == labels[name]).mean())
        for name in labels
    }


def _convolution(x, filters, size, strides, name):
    x = layers.Conv2D(
        filters,
        size,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    # The run is short: statistics must follow quickly.
    return layers.BatchNormalization(momentum=0.95, name=f"{name}_bn")(x)


def _block(x, filters, strides, name):
    shortcut = x
    if strides > 1 or x.shape[-1] != filters:
        shortcut = _convolution(x, filters, 1, strides, f"{name}_0")
    x = _convolution(x, filters, 3, strides, f"{name}_1")
    x = layers.ReLU(name=f"{name}_1_relu")(x)
    x = _convolution(x, filters, 3, 1, f"{name}_2")
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_out")(x)
