"""What `fit` and `evaluate` are given, under Keras' own names."""

import inspect
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_snow.models.first_batch import check_data
from keras_snow.models.first_batch import check_validation
from keras_snow.models.first_batch import comes_to_an_end
from keras_snow.recipes.auto_sigma import AutoSigma
from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.smoothed_cross_entropy import SmoothedCrossEntropy
from keras_snow.recipes.yielding_schedule import YieldingSchedule

COMPILE = inspect.signature(keras.Model.compile)
FIT = inspect.signature(keras.Model.fit)
EVALUATE = inspect.signature(keras.Model.evaluate)

_SPARSE = (SmoothedCrossEntropy, keras.losses.SparseCategoricalCrossentropy)


def named(
    signature: inspect.Signature, *given: Any, **options: Any
) -> dict[str, Any]:
    """Returns the arguments of a method of Keras by name.

    Args:
        signature: Of the method, such as `FIT`.
        *given: Arguments by position, the model left out.
        **options: Arguments by name.

    Raises:
        TypeError: If there is no such argument, or one is given twice.

    Examples:
        >>> named(EVALUATE, "images", "labels", 16, verbose=0)
        {'x': 'images', 'y': 'labels', 'batch_size': 16, 'verbose': 0}
    """
    arguments = dict(signature.bind(None, *given, **options).arguments)
    del arguments["self"]
    return arguments | arguments.pop("kwargs", {})


def num_labels(loss: Any, num_classes: int) -> int | None:
    """Returns how many labels there are; None if they are no class numbers.

    Args:
        loss: What a model was compiled with.
        num_classes: Number of classes of the model.

    Examples:
        >>> num_labels("sparse_categorical_crossentropy", 5)
        5
        >>> num_labels(keras.losses.CategoricalCrossentropy(), 5) is None
        True
    """
    reads_class_numbers = any(
        isinstance(each, _SPARSE) or "sparse" in _name_of(each)
        for each in keras.tree.flatten(loss)
    )
    return num_classes if reads_class_numbers else None


def check_fit(
    options: dict[str, Any],
    num_classes: int | None,
    check_size: Callable[[int, int], None],
) -> tuple[int | None, int]:
    """Looks at what is to be learned, and sees to what Keras would warn of.

    Of batches that may never end, those of an epoch are taken for all there
    are; of others no more are looked at than will be learned.

    Args:
        options: Arguments of `fit`, `epochs` among them; labels in a list
            become an array.
        num_classes: As of `check_data`.
        check_size: As of `check_data`.

    Returns:
        As `check_data`.

    Raises:
        ValueError: As `check_data`, for validation data, too.
    """
    x, y, batch_size = (options[name] for name in ("x", "y", "batch_size"))
    if isinstance(y, (list, tuple)):
        y = options["y"] = np.asarray(y)
    if hasattr(x, "cardinality"):
        # A `tf.data.Dataset` shuffles itself; else Keras warns.
        options.setdefault("shuffle", False)
    steps = options.get("steps_per_epoch")
    if steps is not None and comes_to_an_end(x):
        steps *= max(1, options["epochs"] - options.get("initial_epoch", 0))
    wanted = batch_size, num_classes, check_size
    found = check_data(x, y, *wanted, steps)
    check_validation(
        options.get("validation_data"), *wanted, options.get("validation_steps")
    )
    return found


def add_schedule(
    options: dict[str, Any], recipe: Recipe, batch_size: int | None
) -> YieldingSchedule:
    """Adds what schedules a recipe before the callbacks of `fit`.

    Args:
        options: Arguments of `fit`; `callbacks` is one, or several, or None.
            One of them may set the learning rate itself.
        recipe: How to train.
        batch_size: Images of a step, if it is known.

    Returns:
        What schedules the learning rate.

    Examples:
        >>> options = {"callbacks": keras.callbacks.TerminateOnNaN()}
        >>> _ = add_schedule(options, Recipe(), 16)
        >>> [type(each).__name__ for each in options["callbacks"]]
        ['YieldingSchedule', 'AutoSigma', 'TerminateOnNaN']
    """
    given = options.get("callbacks")
    others = [] if given is None else keras.tree.flatten(given)
    if batch_size:
        recipe = recipe.replace(batch_size=batch_size)
    schedule = YieldingSchedule(recipe, others=others)
    options["callbacks"] = [schedule, AutoSigma(), *others]
    return schedule


def _name_of(loss: Any) -> str:
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", "")
    return str(name).lower()
