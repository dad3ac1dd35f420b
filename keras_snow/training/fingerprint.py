"""What makes two runs the same run."""

import hashlib
import json
import re
from typing import Any

import keras
import numpy as np

from keras_snow.callbacks.model_state import changing_variables
from keras_snow.callbacks.model_state import digest
from keras_snow.callbacks.model_state import frozen_variables
from keras_snow.core.differences import differences as differences
from keras_snow.core.files import expand_home
from keras_snow.core.files import file_digest
from keras_snow.data.describe_task import describe_task as describe_task
from keras_snow.data.task import Task
from keras_snow.models.classifier import Classifier
from keras_snow.recipes.recipe import Recipe
from keras_snow.sources.origin import is_run
from keras_snow.sources.run import find_file
from keras_snow.training.initial_weights import describe_start
from keras_snow.training.options import TrainingOptions


def describe_run(
    task: Task,
    recipe: Recipe,
    image_size: int,
    seed: int,
    config: TrainingOptions,
) -> dict[str, Any]:
    """Returns what tells a run from another of the same model, as plain data.

    Args:
        task: What is learned.
        recipe: How.
        image_size: Pixels of a side.
        seed: Seed of the run.
        config: As of `train`.
    """
    known = {
        "task": describe_task(task),
        "recipe": recipe.to_dict(),
        "image_size": image_size,
        "seed": seed,
        "notes": dict(config.notes),
        "cache_taps": config.cache_taps,
        "settle_after": config.settle_after,
        "noise_seed": config.noise_seed,
        "backend": keras.backend.backend(),
    }
    if config.init is not None:  # Older folders know nothing of it.
        known["init"] = describe_start(config.init)
    # As it will be read again: tuples are lists then.
    plain: dict[str, Any] = json.loads(json.dumps(known))
    return plain


def describe_model(model: keras.Model) -> dict[str, Any]:
    """Returns what tells an architecture and its frozen part from another.

    Args:
        model: A built model.
    """
    changing = changing_variables(model)
    trained = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    # Graphs had no class of their own once.
    graph = type(model) is Classifier
    return {
        "name": "Functional" if graph else type(model).__name__,
        "config": _digest_of_config(model),
        "frozen": digest(frozen_variables(model)),
        "trained": trained,
        "changing": sum(int(np.prod(v.shape)) for v in changing),
        "total": int(model.count_params()),
    }


def describe_source(source: str) -> dict[str, Any]:
    """Returns what tells a source from another, wherever its file lies.

    Args:
        source: Its name, or the path of its file or of a run.
    """
    path = expand_home(source)
    file = find_file(path) if is_run(source) else path
    if not file.is_file():
        return {"source": source, "source_digest": None}
    return {"source": path.stem, "source_digest": file_digest(file)}


def _digest_of_config(model: keras.Model) -> str:
    """Digests the configuration without the counters of automatic names."""
    try:
        config = keras.saving.serialize_keras_object(model)["config"]
        config.pop("calibrated", None)  # Says how far a run is.
        config.pop("schedule", None)  # Of `fit`; a run has its own recipe.
        config.pop("dtype", None)  # The run's precision says it.
        text = json.dumps(config, sort_keys=True, default=str)
    except (TypeError, ValueError, NotImplementedError, KeyError):
        # A model that can't be saved is told by its variables alone.
        text = ""
    text = re.sub(r'_\d+(_cut)?"', r'\1"', text)
    # Known apart, and not to runs of before there were engines.
    text = re.sub(r'"engine": "\w+", ', "", text)
    shapes = [tuple(variable.shape) for variable in model.weights]
    return hashlib.sha256(f"{text}{shapes}".encode()).hexdigest()
