"""SNOW for Keras 3: many small networks subscribed to one frozen source."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING
from typing import Any

from keras_snow.core.after_keras import import_after_keras
from keras_snow.core.backend import require_backend as require_backend

if TYPE_CHECKING:
    from keras_snow.baselines.methods import build_method as build_method
    from keras_snow.data.catalogue import load_task as load_task
    from keras_snow.data.task import Task as Task
    from keras_snow.deltas.resnet_delta import ResNetDelta as ResNetDelta
    from keras_snow.deltas.settings import DeltaSettings as DeltaSettings
    from keras_snow.evaluation.accuracy import evaluate as evaluate
    from keras_snow.evaluation.cost import cost as cost
    from keras_snow.layers.channel_pooling import (
        ChannelPooling as ChannelPooling,
    )
    from keras_snow.layers.subscribed_conv2d import (
        SubscribedConv2D as SubscribedConv2D,
    )
    from keras_snow.layers.subscribed_dense import (
        SubscribedDense as SubscribedDense,
    )
    from keras_snow.models.snow_model import SNOWModel as SNOWModel
    from keras_snow.recipes.presets import recipe_for as recipe_for
    from keras_snow.recipes.recipe import Recipe as Recipe
    from keras_snow.serving.bundle import Bundle as Bundle
    from keras_snow.serving.fold import fold as fold
    from keras_snow.sources.available import list_sources as list_sources
    from keras_snow.sources.candidates import find_candidates as find_candidates
    from keras_snow.sources.networks import load_source as load_source
    from keras_snow.sources.source import Source as Source
    from keras_snow.sources.tap import Tap as Tap
    from keras_snow.training.options import TrainingOptions as TrainingOptions
    from keras_snow.training.saved_run import load_run as load_run
    from keras_snow.training.train import train as train

__version__ = "0.1.0"

# Public names in the order of the data, each with the module that defines it.
# They are imported at first use.
_HOMES: dict[str, str] = {
    "Task": "keras_snow.data.task",
    "load_task": "keras_snow.data.catalogue",
    "Tap": "keras_snow.sources.tap",
    "Source": "keras_snow.sources.source",
    "list_sources": "keras_snow.sources.available",
    "load_source": "keras_snow.sources.networks",
    "find_candidates": "keras_snow.sources.candidates",
    "ChannelPooling": "keras_snow.layers.channel_pooling",
    "SubscribedConv2D": "keras_snow.layers.subscribed_conv2d",
    "SubscribedDense": "keras_snow.layers.subscribed_dense",
    "DeltaSettings": "keras_snow.deltas.settings",
    "ResNetDelta": "keras_snow.deltas.resnet_delta",
    "SNOWModel": "keras_snow.models.snow_model",
    "Recipe": "keras_snow.recipes.recipe",
    "recipe_for": "keras_snow.recipes.presets",
    "build_method": "keras_snow.baselines.methods",
    "TrainingOptions": "keras_snow.training.options",
    "train": "keras_snow.training.train",
    "load_run": "keras_snow.training.saved_run",
    "evaluate": "keras_snow.evaluation.accuracy",
    "cost": "keras_snow.evaluation.cost",
    "Bundle": "keras_snow.serving.bundle",
    "fold": "keras_snow.serving.fold",
}

__all__ = ["__version__", *_HOMES]

# As are sub-packages.
_PACKAGES = [x.name for x in pkgutil.iter_modules(__path__) if x.ispkg]


def __getattr__(name: str) -> Any:
    if name not in _HOMES and name not in _PACKAGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    require_backend()
    if name in _PACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_PACKAGES])


# `keras.saving.load_model` finds the classes of these by their names.
import_after_keras(
    __name__,
    *(
        f"{__name__}.{name}"
        for name in (
            "recipes.coupled_sgd",
            "recipes.lars",
            "recipes.selective_adam",
            "recipes.sigmoid_cross_entropy",
            "recipes.smoothed_cross_entropy",
            "layers",
            "deltas.prototype_delta",
            "models",
            "baselines",
        )
    ),
)
