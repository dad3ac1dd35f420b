"""Pretexts and images that a network is pre-trained on in seconds."""

import keras
from keras import layers

from keras_snow.pretraining import make_pretext
from keras_snow.pretraining import pretrain
from keras_snow.recipes import Recipe
from tests.training.tiny_runs import QUIET
from tests.training.tiny_runs import SIZE
from tests.training.tiny_runs import tiny_task

RECIPE = Recipe(
    name="tiny",
    epochs=3,
    batch_size=8,
    learning_rate=0.01,
    reference_batch=None,
    warmup_epochs=1.0,
    schedule="cosine",
    augmentation="flip",
    keep="last",
)


def tiny_network():
    """Two normalised layers with dropout between; its own scaling."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, -1.0)(image)
    x = layers.Conv2D(8, 3, 2, "same", use_bias=False, name="early_conv")(x)
    x = layers.BatchNormalization(momentum=0.9, name="early_bn")(x)
    x = layers.ReLU(name="early")(x)
    x = layers.Dropout(0.2, name="dropped")(x)
    x = layers.Conv2D(16, 3, 2, "same", name="late_conv")(x)
    return keras.Model(image, layers.ReLU(name="late")(x), name="tiny")


def run(name, network, out=None, recipe=RECIPE, **settings):
    """Pre-trains the tiny network; returns the record."""
    if name == "byol":
        recipe = recipe.replace(augmentation="views")
    return pretrain(
        make_pretext(name, network=str(network), **settings),
        tiny_task(),
        recipe,
        out=out,
        image_size=SIZE,
        config=QUIET,
    )
