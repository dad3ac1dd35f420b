"""A task and models that train in seconds, and what runs leave."""

import pathlib

import keras
import numpy as np

from keras_snow.callbacks import model_state
from keras_snow.data.task import Task
from keras_snow.models import SNOWModel
from keras_snow.recipes import Recipe
from keras_snow.training import TrainingOptions

SIZE = 16
QUIET = TrainingOptions(verbose=False, tensorboard=False, solve_head=False)
RECIPE = Recipe(
    name="tiny",
    epochs=3,
    batch_size=8,
    learning_rate=0.05,
    reference_batch=None,
    warmup_epochs=1.0,
    schedule="cosine",
    label_smoothing=0.1,
    sigma_schedule="anneal",
)


def tiny_task(count: int = 60, size: int = SIZE) -> Task:
    """Three classes that differ in their mean colour."""
    generator = np.random.default_rng(0)
    labels = np.arange(count) % 3
    images = generator.integers(0, 120, (count, size, size, 3))
    images[np.arange(count), :, :, labels] += 100
    return Task.from_arrays(images.astype("uint8"), labels)


def tiny_source(seed: int = 0) -> keras.Model:
    """Two taps; the weights depend on the seed alone."""
    image = keras.Input((None, None, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1.0)(image)
    for width, name in ((16, "early"), (32, "late")):
        x = keras.layers.Conv2D(
            width,
            3,
            2,
            "same",
            activation="relu",
            name=name,
            kernel_initializer=keras.initializers.HeNormal(seed=seed),
        )(x)
    return keras.Model(image, x, name="tiny")


def tiny_snow(num_classes: int = 3, **options) -> SNOWModel:
    """A SNOWModel with noise."""
    return SNOWModel.from_source(
        tiny_source(), num_classes, k=0.25, sigma=0.1, **options
    )


def exact_snow(sigma: float = 0.1, **options) -> SNOWModel:
    """Its maps are multiples of 1/256 below 1, which float16 holds exactly."""
    image = keras.Input((None, None, 3))
    x = keras.layers.Rescaling(1 / 256)(image)
    x = keras.layers.Concatenate()([x, x])
    x = keras.layers.MaxPooling2D(2, name="early")(x)
    x = keras.layers.MaxPooling2D(2, name="late")(x)
    network = keras.Model(image, x, name="exact")
    return SNOWModel.from_source(
        network, 3, taps=["early", "late"], k=2, sigma=sigma, **options
    )


def tiny_head(num_classes: int = 3, size: int = SIZE) -> keras.Model:
    """A trained head on a frozen layer, with dropout and normalisation."""
    image = keras.Input((size, size, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1.0)(image)
    x = keras.layers.Conv2D(8, 3, 2, name="frozen", trainable=False)(x)
    x = keras.layers.Conv2D(8, 3, 2, name="trained")(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(0.2)(x)
    return keras.Model(image, keras.layers.Dense(num_classes)(x))


def last_state(out):
    """Returns the arrays and the state of a run's last checkpoint."""
    return model_state.load_state(pathlib.Path(out) / "checkpoints/last.npz")


def assert_same_end(one, other):
    """Compares the checkpoints of two runs bit by bit."""
    for name in ("last", "best"):
        ours, our_state = model_state.load_state(
            pathlib.Path(one) / f"checkpoints/{name}.npz"
        )
        theirs, their_state = model_state.load_state(
            pathlib.Path(other) / f"checkpoints/{name}.npz"
        )
        assert ours.keys() == theirs.keys()
        for key in ours:
            np.testing.assert_array_equal(ours[key], theirs[key], key)
        assert our_state.get("best") == their_state.get("best")
    curves = [last_state(x)[1]["curves"]["loss"] for x in (one, other)]
    assert curves[0] == curves[1]
