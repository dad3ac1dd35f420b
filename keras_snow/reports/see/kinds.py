"""The kinds of figures, by name."""

import dataclasses
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from keras_snow.core.files import PathLike
from keras_snow.core.registry import Registry
from keras_snow.reports.see.options import PlotOptions

Draw = Callable[[PathLike, Sequence[str], PlotOptions], Any]


@dataclasses.dataclass(frozen=True)
class FigureKind:
    """A kind of figure: how it is drawn, and what it asks for.

    Args:
        draw: Function of the run's folder, the further inputs and the options
            that returns a matplotlib figure.
        inputs: What it takes beside the run, in words; empty: nothing.
        least: The least number of inputs.
        most: The largest number; None: any.
        options: The fields of `PlotOptions` that it heeds.

    Examples:
        >>> FIGURES.get("heat").inputs
        'images'
    """

    draw: Draw
    inputs: str = ""
    least: int = 0
    most: int | None = 0
    options: tuple[str, ...] = ()


FIGURES: Registry[FigureKind] = Registry("figure")
