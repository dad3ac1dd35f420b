"""The ways to learn a task, by name."""

import dataclasses
import inspect
import os
from collections.abc import Callable
from typing import Any

import keras

from keras_snow.core.method_names import LONG_NAMES
from keras_snow.core.registry import Registry
from keras_snow.models.snow_model import SNOWModel
from keras_snow.recipes.recipe import Recipe
from keras_snow.sources.networks import load_source
from keras_snow.sources.source import Source

Builder = Callable[..., keras.Model]

SMALL_RATE = 0.015  # The small recipe's; see `keras_snow.recipes.presets`.
PAPER_RATE = 0.1  # Section 3.1: 0.1 for the others, 1.0 for SNOW.


@dataclasses.dataclass(frozen=True)
class Method:
    """A way to learn a task, and what a comparison has to know about it.

    Args:
        build: Function `(source, num_classes, **options) -> model`.
        name: Its short name.
        small_rate: Learning rate to start from on small sets: SGD with
            momentum, 32 images a step.
        paper_rate: Learning rate of the paper, 256 images a step.
        shares_pass: Whether one pass of the frozen source serves every task, so
            that its maps may be cached in training and shared in serving.

    Examples:
        >>> METHODS.get("fo").shares_pass
        True
    """

    build: Builder
    name: str
    small_rate: float = SMALL_RATE
    paper_rate: float = PAPER_RATE
    shares_pass: bool = False

    def from_source(
        self,
        source: "str | os.PathLike[str] | keras.Model",
        num_classes: int,
        weights: str | os.PathLike[str] | None = "imagenet",
        **options: Any,
    ) -> keras.Model:
        """Builds a model of this method; see `build_method`.

        Args:
            source: What `load_source` takes.
            num_classes: Number of classes of the task.
            weights: Weights of a source given by name.
            **options: What the method takes.

        Raises:
            ValueError: If the source has nothing that it could train.
        """
        frozen: Source = load_source(source, weights)
        model = self.build(frozen, num_classes, **options)
        model.built_by = self.name
        return model

    def fit_recipe(self, recipe: Recipe) -> Recipe:
        """Returns a recipe of the package with this method's learning rate.

        Args:
            recipe: `SMALL` or `PAPER`; another one is returned as it is.
        """
        rates = {"small": self.small_rate, "paper": self.paper_rate}
        if recipe.name not in rates:
            return recipe
        return recipe.replace(learning_rate=rates[recipe.name])

    def takes(self, option: str) -> bool:
        """Tells whether the method has an option of this name.

        Args:
            option: `"seed"`, ...
        """
        known = inspect.signature(self.build).parameters.values()
        return any(
            each.name == option or each.kind is each.VAR_KEYWORD
            for each in known
        )


METHODS: Registry[Method] = Registry("method", also=LONG_NAMES)
"""Methods by short name."""


def register_method(name: str, **facts: Any) -> Callable[[Builder], Builder]:
    """Returns a decorator that registers a builder under `name`.

    Args:
        name: The method's short name. Must be free.
        **facts: Fields of `Method`.
    """

    def keep(build: Builder) -> Builder:
        METHODS.register(name)(Method(build, name, **facts))
        return build

    return keep


def build_method(
    name: str,
    source: "str | os.PathLike[str] | keras.Model",
    num_classes: int,
    weights: str | os.PathLike[str] | None = "imagenet",
    **options: Any,
) -> keras.Model:
    """Builds the model of a method: raw RGB images to logits.

    Args:
        name: `"snow"`, `"fo"`, `"ft"`, ...; `METHODS.names()` lists them.
        source: What `load_source` takes.
        num_classes: Number of classes of the task.
        weights: Weights of a source given by name.
        **options: What the method takes, for SNOW those of `DeltaSettings`.

    Raises:
        ValueError: If the method is unknown (names the nearest), or the source
            has nothing that it could train.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(8, 3, 2, name="maps")(image)
        >>> model = build_method("fo", keras.Model(image, maps), 5)
        >>> model.output_shape
        (None, 5)
    """
    method = METHODS.get(name)
    return method.from_source(source, num_classes, weights, **options)


def method_of(model: keras.Model) -> str | None:
    """Returns the method whose model this is; None for a model of one's own.

    Args:
        model: A model of this process, not one from a file.
    """
    name: str | None = getattr(model, "built_by", None)
    return "snow" if name is None and isinstance(model, SNOWModel) else name
