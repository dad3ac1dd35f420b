"""Maps that an image leaves in a network."""

import numpy as np
from matplotlib.figure import Figure

from keras_snow.visualization.canvas import LARGE
from keras_snow.visualization.canvas import MEDIUM
from keras_snow.visualization.canvas import new_figure
from keras_snow.visualization.tiles import draw_tiles
from keras_snow.visualization.tiles import split_maps

COLUMNS = 4


def draw_activations(
    before: np.ndarray,
    after: np.ndarray,
    channels: np.ndarray | None = None,
    title: str = "",
) -> Figure:
    """Draws maps before an activation function beside those behind it.

    Each map has its own scale. What is signed is white at 0.

    Args:
        before: `(height, width, maps)`.
        after: The same maps behind the function.
        channels: Their numbers; from 0 on if None.
        title: What to write above.

    Returns:
        The figure; the images of its two axes are the maps in order.

    Raises:
        ValueError: If the two differ in shape.

    Examples:
        >>> maps = np.random.default_rng(0).normal(size=(14, 14, 16))
        >>> figure = draw_activations(maps, np.maximum(maps, 0))
        >>> [len(axis.images) for axis in figure.axes]
        [16, 16]
    """
    if np.shape(before) != np.shape(after) or np.ndim(before) != 3:
        raise ValueError(
            "Maps before and after have the same shape, (height, width, maps). "
            f"Received: before.shape={np.shape(before)}, "
            f"after.shape={np.shape(after)}"
        )
    numbers = range(np.shape(before)[-1]) if channels is None else channels
    labels = [str(number) for number in numbers]
    rows = -(-len(labels) // COLUMNS)
    figure = new_figure(110 * rows + 70)
    pairs = {"before the activation function": before, "behind it": after}
    for axis, (name, maps) in zip(
        figure.subplots(1, 2), pairs.items(), strict=True
    ):
        draw_tiles(axis, split_maps(maps), COLUMNS, labels)
        axis.set_title(name, fontsize=MEDIUM)
    figure.suptitle(title, fontsize=LARGE)
    return figure


def draw_chosen_maps(
    image: np.ndarray,
    chosen: dict[int, np.ndarray],
    left: dict[int, np.ndarray],
    title: str = "",
) -> Figure:
    """Draws the maps that a task chose for an image beside those it left.

    Args:
        image: RGB, 0 to 255, `(height, width, 3)`.
        chosen: Channel -> map, `(height, width)`, the most important first.
        left: The same of channels that were not chosen.
        title: What to write above.

    Returns:
        The figure: image, chosen maps, left maps. Each map has its own scale.

    Examples:
        >>> image = np.zeros((32, 32, 3), "uint8")
        >>> maps = {channel: np.ones((8, 8)) for channel in range(4)}
        >>> len(draw_chosen_maps(image, maps, maps).axes)
        3
    """
    rows = -(-max(len(chosen), len(left), 1) // COLUMNS)
    figure = new_figure(max(220, 90 * rows + 70))
    axes = figure.subplots(1, 3, width_ratios=[1.6, 3, 3])
    axes[0].imshow(np.asarray(image).clip(0, 255).astype("uint8"))
    axes[0].set_axis_off()
    axes[0].set_title("image", fontsize=MEDIUM)
    parts = {
        "chosen, most important first": chosen,
        "left out, evenly spaced": left,
    }
    for axis, (name, maps) in zip(axes[1:], parts.items(), strict=True):
        axis.set_title(name, fontsize=MEDIUM)
        axis.set_axis_off()
        if maps:
            labels = [str(channel) for channel in maps]
            tiles = [np.asarray(each, "float32") for each in maps.values()]
            draw_tiles(axis, tiles, COLUMNS, labels)
    figure.suptitle(title, fontsize=LARGE)
    return figure
