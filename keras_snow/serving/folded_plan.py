"""Takes folded deltas apart into one array of numbers and plain data."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from keras import layers
from keras import ops

from keras_snow.serving.folding import Block
from keras_snow.serving.folding import Convolution
from keras_snow.serving.folding import FoldedDelta
from keras_snow.serving.folding import Level
from keras_snow.serving.folding import Reading

_CLASSES = {
    each.__name__: each
    for each in (FoldedDelta, Block, Convolution, Level, Reading)
}


def take_apart(
    delta: FoldedDelta, keep: Callable[[layers.Layer], int]
) -> tuple[Any, np.ndarray]:
    """Returns what a folded delta looks like, and its numbers.

    Returns:
        Plain data, in which each kernel is a place in the numbers; and these,
        float32, `(size,)`.
    """
    numbers: list[np.ndarray] = []
    plan = _plain(delta, numbers, keep)
    return plan, np.concatenate(numbers)


def put_together(plan: Any, numbers: Any, kept: list[layers.Layer]) -> Any:
    """Returns the folded delta again."""
    if isinstance(plan, list):
        return tuple(put_together(each, numbers, kept) for each in plan)
    if not isinstance(plan, dict):
        return plan
    ((kind, value),) = plan.items()
    if kind == "layer":
        return kept[value]
    if kind == "integers":
        return np.asarray(value)
    if kind == "numbers":
        start, shape = value
        part = numbers[start : start + math.prod(shape)]
        return _reshaped(part, tuple(shape))
    if kind == "items":
        return dict(put_together(value, numbers, kept))
    fields = {
        name: put_together(each, numbers, kept) for name, each in value.items()
    }
    return _CLASSES[kind](**fields)


def size_of(plan: Any) -> int:
    """Returns how many numbers a folded delta has."""
    if isinstance(plan, list):
        return max(map(size_of, plan), default=0)
    if not isinstance(plan, dict):
        return 0
    if "numbers" in plan:
        start, shape = plan["numbers"]
        return int(start + math.prod(shape))
    return max(map(size_of, plan.values()))


def _plain(
    value: Any, numbers: list[np.ndarray], keep: Callable[[layers.Layer], int]
) -> Any:
    if isinstance(value, layers.Layer):
        return {"layer": keep(value)}
    if isinstance(value, np.ndarray):
        if value.dtype.kind != "f":
            return {"integers": value.tolist()}
        start = sum(map(len, numbers))
        numbers.append(value.astype("float32").ravel())
        return {"numbers": [start, list(value.shape)]}
    if isinstance(value, dict):
        items = [[key, _plain(x, numbers, keep)] for key, x in value.items()]
        return {"items": items}
    if isinstance(value, tuple):
        return [_plain(each, numbers, keep) for each in value]
    if not dataclasses.is_dataclass(value):
        return value
    fields = {
        field.name: _plain(getattr(value, field.name), numbers, keep)
        for field in dataclasses.fields(value)
    }
    return {type(value).__name__: fields}


def _reshaped(part: Any, shape: tuple[int, ...]) -> Any:
    if isinstance(part, np.ndarray):
        return part.reshape(shape)
    return ops.reshape(part, shape)
