"""Models that answer several tasks at once, by how the tasks were learned."""

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.baselines import METHODS
from keras_snow.deltas.delta import Delta
from keras_snow.deltas.resnet_delta import ResNetDelta
from keras_snow.deltas.settings import DeltaSettings
from keras_snow.layers.global_pooling import GlobalPooling
from keras_snow.models.shared_pass import split_at_source
from keras_snow.serving.fold import join_folded
from keras_snow.serving.folding import fold_delta
from keras_snow.sources.source import Source

NUM_CLASSES = 100
Form = Callable[[Source, int, int], keras.Model]


def draw_delta(source: Source, seed: int) -> ResNetDelta:
    """Returns a random delta that reads maps all over the taps.

    Args:
        source: Its source.
        seed: Of its weights and its choice.
    """
    delta = ResNetDelta(source.taps, NUM_CLASSES, DeltaSettings(seed=seed))
    draw_weights(delta, seed)
    return delta


def draw_weights(delta: ResNetDelta, seed: int) -> None:
    """Gives a delta other weights and another choice.

    Args:
        delta: The delta.
        seed: Of both.
    """
    _make_unlike(delta, seed)
    draw = np.random.default_rng(seed)
    for pooling in delta.poolings:
        pooling.importance.assign(draw.normal(1.0, 0.1, pooling.channels))


def source_alone(source: Source, image_size: int) -> keras.Model:
    """Returns the source up to its last tap, whose mean is the output.

    Args:
        source: The source.
        image_size: Pixels of a side.
    """
    image = _image(image_size)
    maps = source.select([source.taps[-1].name])(image)
    (last,) = maps.values()
    return keras.Model(image, {"pooled": GlobalPooling()(last)})


def folded(source: Source, tasks: int, image_size: int) -> keras.Model:
    """Returns the source and folded deltas in one model.

    Args:
        source: The source.
        tasks: Number of deltas, at least one.
        image_size: Pixels of a side.
    """
    # A bundle does not make Keras' layers anew for each delta, either.
    delta = draw_delta(source, 0)
    found = {}
    for seed in range(tasks):
        draw_weights(delta, seed)
        found[f"task{seed}"] = fold_delta(delta)
    return join_folded(source, found, image_size)


def plain(source: Source, tasks: int, image_size: int) -> keras.Model:
    """Returns the source and deltas in one model, as they were trained.

    Args:
        source: The source.
        tasks: Number of deltas, at least one.
        image_size: Pixels of a side.
    """
    image = _image(image_size)
    maps = source(image)
    logits = {
        name: delta(
            {Delta.IMAGE: image, **{tap: maps[tap] for tap in delta.tap_names}}
        )
        for name, delta in _deltas(source, tasks).items()
    }
    return keras.Model(image, logits)


def learned_by(
    method: str, source: Source, tasks: int, image_size: int
) -> keras.Model:
    """Returns a model that answers tasks which a method has learned.

    What only reads the source shares one pass of it; what changes it is there
    once for each task.

    Args:
        method: Short name of the method.
        source: The source.
        tasks: Number of tasks, at least one.
        image_size: Pixels of a side.
    """
    known = METHODS.get(method)
    image = _image(image_size)
    shared: Any = None
    logits = {}
    for index in range(tasks):
        model = known.build(source, NUM_CLASSES)
        _make_unlike(model, index)
        inputs: Any = image
        if known.shares_pass:
            cut, model = split_at_source(model)
            shared = cut(image) if shared is None else shared
            inputs = {Delta.IMAGE: image, **shared}
        # Models in a model need names of their own.
        model.name = f"task{index}"
        logits[model.name] = model(inputs)
    return keras.Model(image, logits)


FORMS: dict[str, Form] = {
    "folded": folded,
    "plain": plain,
    **{
        name: functools.partial(learned_by, name)
        for name in ("fo", "fe", "ft", "mp_bn", "mp_depthwise", "pn")
    },
}
"""SNOW as it is served and as it was trained, and the paper's Table 5."""


def _make_unlike(model: keras.Model, seed: int) -> None:
    """Gives what is trained weights of its own, as training would.

    TensorFlow computes once what is alike, and might leave out what a head of
    zeros reads: copies that start from the same weights would cost nothing.
    """
    draw = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        moved = variable + 0.01 * draw.normal(size=variable.shape)
        variable.assign(ops.cast(moved, variable.dtype))


def _deltas(source: Source, tasks: int) -> dict[str, ResNetDelta]:
    return {f"task{n}": draw_delta(source, n) for n in range(tasks)}


def _image(size: int) -> keras.KerasTensor:
    return keras.Input((size, size, 3), name=Delta.IMAGE)
