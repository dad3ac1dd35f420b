"""The ways to learn a task, by name."""

import os
from collections.abc import Callable
from typing import Any

import keras

from keras_snow.core.registry import Registry
from keras_snow.sources.networks import load_source
from keras_snow.sources.source import Source

Builder = Callable[..., keras.Model]

METHODS: Registry[Builder] = Registry("method")
"""Builders `(source, num_classes, **options) -> model` by short name."""


def build_method(
    name: str,
    source: "str | os.PathLike[str] | keras.Model",
    num_classes: int,
    weights: str | os.PathLike[str] | None = "imagenet",
    **options: Any,
) -> keras.Model:
    """Builds the model of a method: raw RGB images to logits.

    Args:
        name: `"snow"`, `"fo"`, `"scratch"`, ...
        source: What `load_source` takes.
        num_classes: Number of classes of the task.
        weights: Weights of a source given by name.
        **options: What the method takes, for SNOW those of `DeltaSettings`.

    Raises:
        ValueError: If the method is unknown; names the nearest.

    Examples:
        >>> sorted(METHODS.names())
        ['fo', 'scratch', 'snow']
    """
    build = METHODS.get(name)
    frozen: Source = load_source(source, weights)
    return build(frozen, num_classes, **options)
