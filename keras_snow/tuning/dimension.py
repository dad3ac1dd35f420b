"""Dimension: what may be chosen for one setting, and the ready ones."""

import dataclasses
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.core.checks import check_count
from keras_snow.core.registry import nearest_names
from keras_snow.tuning.setting import SHARED
from keras_snow.tuning.setting import Setting
from keras_snow.tuning.setting import check_named_once

# Of a range, in a grid.
GRID = 10


@dataclasses.dataclass(frozen=True)
class Dimension:
    """What may be chosen for one setting: some values, or a range.

    Args:
        values: The values.
        low: The least of a range, drawn from in equal ratios; above 0.
        high: The most of a range.

    Raises:
        ValueError: If there are no values, or the range is none.

    Examples:
        >>> Dimension.read("0.0625,0.125").values
        (0.0625, 0.125)
        >>> Dimension.read("0.001..0.1").high
        0.1
    """

    values: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if bool(self.values) == (self.low is not None):
            raise ValueError(
                "A dimension has values or a range, not both. Received: "
                f"values={self.values}, low={self.low}"
            )
        if self.low is None:
            return
        low, high = self.low, self.high
        if high is None or not 0 < low < high or not math.isfinite(high):
            raise ValueError(
                "A range goes from a number above 0 to a larger one. "
                f"Received: low={low}, high={high}"
            )

    @classmethod
    def read(cls, text: str) -> "Dimension":
        """Reads what a user typed: `0.1,0.2`, `rows,slots` or `0.001..0.1`.

        Args:
            text: Values between commas, or a range.

        Raises:
            ValueError: If it is neither.
        """
        low, dots, high = text.partition("..")
        if dots:
            try:
                return cls(low=float(low), high=float(high))
            except ValueError as error:
                raise ValueError(
                    "A range is `LOW..HIGH`, two numbers above 0. "
                    f"Received: {text!r}"
                ) from error
        return cls(tuple(_value(part.strip()) for part in text.split(",")))

    def for_grid(self, count: int = GRID) -> "Dimension":
        """Returns the values that a grid search tries, both ends among them.

        Args:
            count: Values of a range, in equal ratios; at least two.

        Raises:
            ValueError: If there are fewer.

        Examples:
            >>> Dimension.read("0.1..0.4").for_grid(3).values
            (0.1, 0.2, 0.4)
        """
        check_count("count", count, minimum=2)
        if self.low is None or self.high is None:
            return self
        inner = np.geomspace(self.low, self.high, count)[1:-1]
        # Shorter to read, in names and tables.
        short = (float(f"{value:.4g}") for value in inner)
        return Dimension((self.low, *short, self.high))

    def add_to(self, hyperparameters: Any, name: str) -> Any:
        """Asks KerasTuner for a value, and returns it.

        Args:
            hyperparameters: Of `keras_tuner`.
            name: The setting's name.
        """
        if self.low is None:
            return hyperparameters.Choice(name, list(self.values))
        return hyperparameters.Float(name, self.low, self.high, sampling="log")


SPACE = {
    # Table 4 of the paper: K and width N/4, N/8, N/16, sigma^2 1e-1 to 1e-7.
    "k": Dimension((0.0625, 0.125, 0.25)),
    "sigma": Dimension(low=10**-3.5, high=10**-0.5),
    "width": Dimension((0.0625, 0.125, 0.25)),
    "rate": Dimension(low=0.003, high=0.06),
    "binding": Dimension(("rows", "slots")),
    "head": Dimension(("levels", "last", "delta")),
}
"""The ready dimensions by the setting's name."""

Space = dict[str, Dimension]


def choose_space(names: Sequence[str], own: Space | None = None) -> Space:
    """Returns the dimensions of a search.

    Args:
        names: Ready ones to take.
        own: Others, which replace a ready one of the same name.

    Raises:
        ValueError: If a ready one is unknown, there are none at all, a
            setting has two names, or a value can't be one.

    Examples:
        >>> list(choose_space(["k"], {"dropout": Dimension((0.0, 0.3))}))
        ['k', 'dropout']
    """
    for name in names:
        if name not in SPACE:
            raise ValueError(
                "There is no ready space of this name; give its values. "
                f"{nearest_names(name, list(SPACE))} Received: {name!r}"
            )
    space = {name: SPACE[name] for name in names} | (own or {})
    if not space:
        raise ValueError("There is nothing to search. Received: space={}")
    check_named_once(space)
    for name, dimension in space.items():
        if name in SHARED:
            raise ValueError(
                f"`{name}` is the same in all trials. Give it with the recipe. "
                f"Received: {name}={dimension.values}"
            )
        for value in dimension.values or (dimension.low, dimension.high):
            Setting.of({name: value})
    return space


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
