"""Many small pictures in rows, each at its own scale, each with its name."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.visualization.canvas import DIVERGING
from keras_snow.visualization.canvas import SEQUENTIAL
from keras_snow.visualization.canvas import SMALL

GAP = 0.06  # Of a tile's width.
LABEL = 0.22  # Of a tile's width: room for its name.


def draw_tiles(
    axis: Any,
    tiles: Sequence[np.ndarray],
    columns: int,
    labels: Sequence[str] | None = None,
) -> None:
    """Draws pictures on one axis, row by row, with the first at the top left.

    RGB tiles are drawn as they are; of the others each has its own scale: from
    0 on if no tile has a negative value, else as far below 0 as above, in
    colours that are white at 0.

    Args:
        axis: A matplotlib axis.
        tiles: Pictures of one size, `(height, width)` or
            `(height, width, 3)` with values from 0 to 1.
        columns: Pictures in a row.
        labels: What to write above each.
    """
    height = tiles[0].shape[0] / tiles[0].shape[1]
    head = GAP if labels is None else LABEL
    signed = any(tile.min() < 0 for tile in tiles)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        left, top = column * (1 + GAP), row * (height + head)
        axis.imshow(
            tile,
            extent=(left, left + 1, top + height, top),
            interpolation="nearest",
            **_scale(tile, signed),
        )
        if labels is not None:
            axis.text(
                left + 0.5, top - 0.03, labels[index], ha="center", size=SMALL
            )
    rows = -(-len(tiles) // columns)
    axis.set_xlim(-GAP, columns * (1 + GAP))
    axis.set_ylim(rows * (height + head) - head + GAP, -head)
    axis.set_aspect("equal")
    axis.set_axis_off()


def split_maps(maps: np.ndarray) -> list[np.ndarray]:
    """Returns the maps of a stack one by one.

    Args:
        maps: `(height, width, channels)`.
    """
    return list(np.moveaxis(np.asarray(maps, "float32"), -1, 0))


def _scale(tile: np.ndarray, signed: bool) -> dict[str, Any]:
    if tile.ndim == 3:
        return {}
    peak = float(np.abs(tile).max()) or 1.0
    if signed:
        return {"cmap": DIVERGING, "vmin": -peak, "vmax": peak}
    return {"cmap": SEQUENTIAL, "vmin": 0.0, "vmax": peak}
