"""What all figures share: size, colours, fonts, and the way into a file."""

import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from keras_snow.core.files import PathLike
from keras_snow.core.files import replace_atomically

DPI = 100
WIDTH = 800  # Pixels; what a page of the documentation leaves.
SMALL, MEDIUM, LARGE = 7, 8, 10  # Points; at 100 dpi 7 points are 10 pixels.

# Perceptually uniform, and told apart with any colour vision.
SEQUENTIAL = "viridis"  # Magnitudes.
DIVERGING = "RdBu_r"  # Signed values, white at 0.
# Of the palette of Okabe and Ito.
BLUE, ORANGE, GREY = "#0072b2", "#e69f00", "#9a9a9a"


def new_figure(height: int, width: int = WIDTH) -> Figure:
    """Returns an empty figure that needs no display.

    Examples:
        >>> pixels_of(new_figure(height=50)).shape
        (50, 800, 3)
    """
    figure = Figure(
        figsize=(width / DPI, height / DPI), dpi=DPI, layout="constrained"
    )
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, path: PathLike) -> pathlib.Path:
    """Writes a figure, whole or not at all.

    Args:
        figure: The figure.
        path: The file; its ending says the kind: `.png`, `.svg`, `.pdf`.

    Returns:
        The path.

    Raises:
        ValueError: If there is no such kind.
        OSError: If the file can't be written.

    Examples:
        >>> save_figure(new_figure(height=50), "empty.png").name
        'empty.png'
    """
    path = pathlib.Path(path)
    check_ending(path)
    with replace_atomically(path) as temporary:
        figure.savefig(temporary, dpi=DPI)
    return path


def check_ending(path: PathLike) -> None:
    """Looks whether figures of this kind can be written."""
    kinds = sorted(FigureCanvasAgg(Figure()).get_supported_filetypes())
    if pathlib.Path(path).suffix.lower().removeprefix(".") not in kinds:
        raise ValueError(
            "The ending of the file says what kind of figure to write: "
            f"{', '.join(kinds)}. Received: out={str(path)!r}"
        )


def pixels_of(figure: Figure) -> np.ndarray:
    """Renders a figure.

    Returns:
        RGB pixels, `(height, width, 3)`, uint8.
    """
    canvas: Any = figure.canvas
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def shorten(name: str, length: int) -> str:
    """Leaves out the middle of a name that is too long.

    Examples:
        >>> shorten("Aston_Martin_Vantage_2012", 13)
        'Aston_…e_2012'
    """
    if len(name) <= length:
        return name
    tail = length // 2
    return f"{name[: length - tail - 1]}…{name[-tail:]}"


def show_axes(axis: Any) -> None:
    """Leaves of an axis' frame what carries the scales."""
    axis.tick_params(labelsize=SMALL)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def label_ticks(axis: Any, names: Sequence[str], room: float) -> None:
    """Names the places 0, 1, ... of an axis, as many as can be read."""
    line = SMALL * DPI / 72 * 1.4  # Pixels that a line of text takes.
    step = max(1, int(np.ceil(line / max(room, 1e-6))))
    places = range(0, len(names), step)
    axis.set_ticks(places, [names[place] for place in places])
    axis.set_tick_params(labelsize=SMALL)
