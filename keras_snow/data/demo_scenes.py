"""What the demo's tasks show: from class numbers to shapes on a scene."""

import dataclasses
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.core.registry import Registry
from keras_snow.data.demo_drawing import SHAPES
from keras_snow.data.demo_drawing import TEXTURES
from keras_snow.data.demo_drawing import Objects

Compose = Callable[[np.random.Generator, np.ndarray], Objects]

_TURN = 2 * np.pi
# Placements tried for a shape until it lies apart from the others.
_TRIES = 40


@dataclasses.dataclass(frozen=True)
class Scenes:
    """One task: its classes, and how a scene of a class is composed.

    Args:
        class_names: The classes in the order of their numbers.
        compose: From a generator and class numbers to the scenes' shapes.
    """

    class_names: tuple[str, ...]
    compose: Compose


SCENES: Registry[Scenes] = Registry("demo task")
"""The demo's tasks by name."""


def _task(
    name: str, class_names: Sequence[str]
) -> Callable[[Compose], Compose]:
    def register(compose: Compose) -> Compose:
        SCENES.register(name)(Scenes(tuple(class_names), compose))
        return compose

    return register


@_task("shapes", [f"{t} {s}" for t in TEXTURES for s in SHAPES])
def compose_shapes(rng: np.random.Generator, labels: np.ndarray) -> Objects:
    """Which shape with which texture: what the demo's source is trained on.

    Args:
        rng: Draws what the class leaves open.
        labels: Class numbers: texture times the number of shapes, plus shape.
    """
    return _one_object(
        rng,
        len(labels),
        shape=labels % len(SHAPES),
        texture=labels // len(SHAPES),
    )


@_task("direction", ["0", "30", "60", "90", "120", "150"])
def compose_direction(rng: np.random.Generator, labels: np.ndarray) -> Objects:
    """In which direction stripe follows stripe, in degrees from the right.

    Args:
        rng: Draws what the class leaves open.
        labels: Class numbers.
    """
    count = len(labels)
    middle = labels + rng.uniform(-0.25, 0.25, count)
    return _one_object(
        rng,
        count,
        texture=_any_of(rng, TEXTURES, ["stripes", "bars", "waves"], count),
        direction=middle * np.pi / 6,
    )


@_task("frequency", ["coarse", "wide", "medium", "narrow", "fine"])
def compose_frequency(rng: np.random.Generator, labels: np.ndarray) -> Objects:
    """How fine the texture is.

    Args:
        rng: Draws what the class leaves open.
        labels: Class numbers.
    """
    count = len(labels)
    step = (labels + rng.uniform(0.15, 0.85, count)) / 5
    return _one_object(
        rng,
        count,
        texture=_any_of(rng, TEXTURES, ["stripes", "checks", "dots"], count),
        frequency=3.5 * (10 / 3.5) ** step,
    )


@_task(
    "pointing",
    ["up", "up right", "right", "down right"]
    + ["down", "down left", "left", "up left"],
)
def compose_pointing(rng: np.random.Generator, labels: np.ndarray) -> Objects:
    """Which way a triangle, a crescent's back or a corner points.

    Args:
        rng: Draws what the class leaves open.
        labels: Class numbers.
    """
    count = len(labels)
    # The rotation that makes each of them point up.
    upright = {
        "triangle": _TURN / 2,
        "crescent": _TURN / 4,
        "corner": _TURN * 3 / 8,
    }
    shape = _any_of(rng, SHAPES, list(upright), count)
    start = np.zeros(count)
    for name, angle in upright.items():
        start[shape == SHAPES.index(name)] = angle
    turn = (labels + rng.uniform(-0.25, 0.25, count)) * _TURN / 8
    return _one_object(rng, count, shape=shape, angle=start + turn)


@_task("counting", ["one", "two", "three", "four", "five"])
def compose_counting(rng: np.random.Generator, labels: np.ndarray) -> Objects:
    """How many shapes there are.

    Args:
        rng: Draws what the class leaves open.
        labels: Class numbers.
    """
    count, slots = len(labels), 5
    x, y = _scatter(rng, count, slots)
    objects = _many_objects(rng, x, y, size=(0.2, 0.3))
    shown = np.arange(slots) <= labels[:, None]
    return dataclasses.replace(
        objects, shape=np.where(shown, objects.shape, -1)
    )


@_task("relation", ["right of it", "below it", "left of it", "above it"])
def compose_relation(rng: np.random.Generator, labels: np.ndarray) -> Objects:
    """Where a disc or ring lies, seen from a star or cross.

    Args:
        rng: Draws what the class leaves open.
        labels: Class numbers.
    """
    count = len(labels)
    angle = (labels + rng.uniform(-0.3, 0.3, count)) * _TURN / 4
    reach = rng.uniform(0.36, 0.48, count)
    across = reach * np.array([np.cos(angle), np.sin(angle)])
    middle = rng.uniform(-0.15, 0.15, (2, count))
    x, y = np.stack([middle - across, middle + across], axis=-1)
    shape = np.stack(
        [
            _any_of(rng, SHAPES, ["star", "cross"], count),
            _any_of(rng, SHAPES, ["disc", "ring"], count),
        ],
        axis=1,
    )
    objects = _many_objects(rng, x, y, size=(0.28, 0.36))
    return dataclasses.replace(objects, shape=shape)


def _any_of(
    rng: np.random.Generator,
    known: Sequence[str],
    names: Sequence[str],
    count: int,
) -> np.ndarray:
    return rng.choice([known.index(name) for name in names], count)


def _one_object(
    rng: np.random.Generator, count: int, **given: np.ndarray
) -> Objects:
    fields = {
        "shape": rng.integers(0, len(SHAPES), count),
        "texture": rng.integers(0, len(TEXTURES), count),
        "x": rng.uniform(-0.22, 0.22, count),
        "y": rng.uniform(-0.22, 0.22, count),
        "size": rng.uniform(0.44, 0.74, count),
        "angle": rng.uniform(0, _TURN, count),
        "frequency": rng.uniform(4, 8, count),
        "direction": rng.uniform(0, _TURN, count),
    }
    fields |= given
    return Objects(**{name: array[:, None] for name, array in fields.items()})


def _many_objects(
    rng: np.random.Generator,
    x: np.ndarray,
    y: np.ndarray,
    size: tuple[float, float],
) -> Objects:
    everywhere: dict[str, Any] = {"size": x.shape}
    return Objects(
        shape=rng.integers(0, len(SHAPES), **everywhere),
        texture=rng.integers(0, len(TEXTURES), **everywhere),
        x=x,
        y=y,
        size=rng.uniform(*size, **everywhere),
        angle=rng.uniform(0, _TURN, **everywhere),
        frequency=rng.uniform(5, 9, **everywhere),
        direction=rng.uniform(0, _TURN, **everywhere),
    )


def _scatter(
    rng: np.random.Generator, count: int, slots: int
) -> tuple[np.ndarray, np.ndarray]:
    """Centres `(count, slots)` that keep a distance wherever they can."""
    places = np.zeros((count, slots, 2))
    for slot in range(slots):
        crowded: np.ndarray = np.ones(count, bool)
        for _ in range(_TRIES):
            drawn = rng.uniform(-0.6, 0.6, (count, 2))
            places[crowded, slot] = drawn[crowded]
            gaps = places[:, :slot] - places[:, slot : slot + 1]
            nearest = np.hypot(gaps[..., 0], gaps[..., 1])
            crowded = np.asarray((nearest < 0.45).any(axis=1))
    return places[..., 0], places[..., 1]
