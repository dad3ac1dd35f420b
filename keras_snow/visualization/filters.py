"""The filters of a first layer, as the colours that they look for."""

import math

import numpy as np
from matplotlib.figure import Figure

from keras_snow.visualization.canvas import LARGE
from keras_snow.visualization.canvas import WIDTH
from keras_snow.visualization.canvas import new_figure
from keras_snow.visualization.tiles import draw_tiles
from keras_snow.visualization.tiles import split_maps


def draw_filters(
    kernel: np.ndarray, title: str = "", columns: int | None = None
) -> Figure:
    """Draws each filter of a convolution on RGB images, or on grey ones.

    A weight of 0 is mid-grey; each filter is scaled by its own largest weight,
    all three colours alike.

    Args:
        kernel: `(height, width, 3 or 1, filters)`, as Keras keeps it: the last
            axis counts the filters, so they are taken out along it; a reshape
            would cut them in pieces.
        title: What to write above.
        columns: Filters in a row. About one and a half times the rows if None.

    Returns:
        The figure; its axis' images are the filters in order.

    Raises:
        ValueError: If the kernel has another shape.

    Examples:
        >>> kernel = np.random.default_rng(0).normal(size=(7, 7, 3, 96))
        >>> len(draw_filters(kernel).axes[0].images)
        96
    """
    kernel = np.asarray(kernel, "float32")
    if kernel.ndim != 4 or kernel.shape[2] not in (1, 3):
        raise ValueError(
            "Filters are drawn of a layer that reads images: a kernel of the "
            "shape (height, width, 3, filters). "
            f"Received: kernel.shape={kernel.shape}"
        )
    tiles = [_picture(each) for each in split_maps(kernel)]
    columns = columns or math.ceil(math.sqrt(1.5 * len(tiles)))
    rows = -(-len(tiles) // columns)
    figure = new_figure(round(WIDTH / columns * rows) + 40)
    axis = figure.subplots()
    draw_tiles(axis, tiles, columns)
    axis.set_title(title, fontsize=LARGE)
    return figure


def _picture(weights: np.ndarray) -> np.ndarray:
    """Turns `(height, width, 3 or 1)` into what `draw_tiles` draws."""
    if weights.shape[-1] == 1:
        return weights[..., 0]
    peak = float(np.abs(weights).max()) or 1.0
    picture: np.ndarray = 0.5 + 0.5 * weights / peak
    return picture
