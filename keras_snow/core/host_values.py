"""A model that several hosts share, as one of them computes with it."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np


def value_of(tensor: Any) -> np.ndarray | None:
    """Returns a tensor's value; None if there is none here.

    That is so while a function is traced, and of what lies on other hosts.

    Examples:
        >>> value_of(keras.ops.ones(2)).tolist()
        [1.0, 1.0]
        >>> value_of(keras.Input((2,))) is None
        True
    """
    try:
        value: np.ndarray = keras.ops.convert_to_numpy(tensor)
    except (TypeError, ValueError, NotImplementedError, RuntimeError):
        return None
    return value


def is_shared(model: keras.Model) -> bool:
    """Tells whether a model's variables lie on several hosts."""
    if keras.backend.backend() != "jax":
        return False
    return any(not _is_here(x.value) for x in model.variables[:1])


def replicas_of(model: keras.Model) -> int:
    """Returns how many TensorFlow replicas a model was built for.

    Examples:
        >>> image = keras.Input((4,))
        >>> replicas_of(keras.Model(image, keras.layers.Dense(2)(image)))
        1
    """
    if keras.backend.backend() != "tensorflow":
        return 1
    return int(model.distribute_strategy.num_replicas_in_sync)


@contextlib.contextmanager
def on_this_host(model: keras.Model) -> Iterator[None]:
    """Lets a model compute on this host alone, while the context lasts.

    A shared model computes together with all hosts or not at all. Here its
    variables have this host's copies of their values. What is assigned to them
    is assigned to the shared ones in the end: it must be the same on all hosts.
    A model that is not shared computes as ever.

    Args:
        model: A built model whose variables have the same value on all hosts.

    Yields:
        Nothing.

    Examples:
        >>> image = keras.Input((4,))
        >>> model = keras.Model(image, keras.layers.Dense(2)(image))
        >>> with on_this_host(model):
        ...     tuple(model(np.zeros((3, 4))).shape)
        (3, 2)
    """
    if not is_shared(model):
        yield
        return
    own = [(variable, own_value(variable)) for variable in model.variables]
    with without_distribution(), keras.StatelessScope(own) as scope:
        yield
        now = [scope.get_current_value(variable) for variable, _ in own]
    for (variable, before), after in zip(own, now, strict=True):
        if after is not None and after is not before:
            variable.assign(np.asarray(after))


def own_value(variable: keras.Variable) -> Any:
    """Returns this host's copy of a variable's value."""
    value = variable.value
    return value if _is_here(value) else value.addressable_data(0)


@contextlib.contextmanager
def without_distribution() -> Iterator[None]:
    """Lets this host make variables and functions of its own in the context.

    A variable made inside Keras' distribution waits for all hosts.

    Examples:
        >>> with without_distribution():
        ...     keras.distribution.distribution()
    """
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(before)


def _is_here(value: Any) -> bool:
    return getattr(value, "is_fully_addressable", True)
