"""Where in an image an answer comes from."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from keras_snow.visualization.canvas import LARGE
from keras_snow.visualization.canvas import MEDIUM
from keras_snow.visualization.canvas import SEQUENTIAL
from keras_snow.visualization.canvas import new_figure

COLUMNS = 2  # Pairs in a row.


def draw_heat_maps(
    images: Sequence[np.ndarray],
    heats: Sequence[np.ndarray],
    labels: Sequence[str],
    title: str = "",
) -> Figure:
    """Draws images, each beside itself under its heat map.

    Args:
        images: RGB, 0 to 255, `(height, width, 3)`.
        heats: One for each, `(height, width)` of any size, not negative; each
            has its own scale.
        labels: What to write above each.
        title: What to write above all.

    Returns:
        The figure; of each pair of axes the second has image and heat.

    Examples:
        >>> image, heat = np.zeros((32, 32, 3)), np.eye(4)
        >>> len(draw_heat_maps([image], [heat], ["a line"]).axes)
        2
    """
    columns = min(COLUMNS, len(images))
    rows = -(-len(images) // columns)
    figure = new_figure(round(760 / (2 * columns) + 25) * rows + 40)
    axes = figure.subplots(rows, 2 * columns, squeeze=False).ravel()
    for axis in axes:
        axis.set_axis_off()
    for index, (image, heat) in enumerate(zip(images, heats, strict=True)):
        plain, hot = axes[2 * index : 2 * index + 2]
        picture = np.asarray(image).clip(0, 255).astype("uint8")
        height, width = picture.shape[:2]
        plain.imshow(picture)
        plain.set_title(labels[index], fontsize=MEDIUM)
        # Grey below: the heat's colours are the only ones.
        hot.imshow(picture.mean(axis=-1), cmap="gray", vmin=0, vmax=255)
        hot.imshow(
            heat,
            cmap=SEQUENTIAL,
            vmin=0,
            vmax=float(np.max(heat)) or 1.0,
            alpha=0.6,
            interpolation="bilinear",
            extent=(-0.5, width - 0.5, height - 0.5, -0.5),
        )
    figure.suptitle(title, fontsize=LARGE)
    return figure
