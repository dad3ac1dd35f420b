"""A grid of misclassified images, with what the model took them for."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_snow.visualization.canvas import LARGE
from keras_snow.visualization.canvas import MEDIUM
from keras_snow.visualization.canvas import new_figure
from keras_snow.visualization.canvas import shorten

COLUMNS = 4
LONGEST = 24  # Letters of a class name that are shown.


def draw_mistakes(
    images: Sequence[Any],
    mistakes: Sequence[Mapping[str, Any]],
    title: str = "",
) -> Figure:
    """Draws misclassified images with true class and likeliest answers.

    Args:
        images: One a mistake, `(height, width, 3)`, uint8.
        mistakes: Of each image `true` (its class) and `top`: `class` and
            `probability` of the answers, the likeliest first.
        title: Put above.

    Raises:
        ValueError: If there are not as many images as mistakes.

    Examples:
        >>> answers = [{"class": "dog", "probability": 0.9}]
        >>> image = np.zeros((8, 8, 3), "uint8")
        >>> mistake = {"true": "horse", "top": answers}
        >>> figure = draw_mistakes([image], [mistake])
        >>> figure.axes[0].get_title("left").splitlines()
        ['true: horse', '90.0 % dog']
    """
    if len(images) != len(mistakes):
        raise ValueError(
            "There must be one image for each mistake. "
            f"Received: {len(images)} images, {len(mistakes)} mistakes"
        )
    columns = min(COLUMNS, max(1, len(images)))
    lines = max(1, -(-len(images) // columns))
    figure = new_figure(height=270 * lines + 40)
    grid = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, image, mistake in zip(grid, images, mistakes, strict=False):
        _show(axes, image, mistake)
    if not len(images):
        grid[0].text(0.5, 0.5, "no mistakes", ha="center")
    if title:
        figure.suptitle(title, fontsize=LARGE)
    return figure


def describe_mistake(mistake: Mapping[str, Any]) -> str:
    """Returns the caption of a mistake.

    Examples:
        >>> answers = [{"class": "dog", "probability": 0.9}]
        >>> print(describe_mistake({"true": "horse", "top": answers}))
        true: horse
        90.0 % dog
    """
    lines = [f"true: {shorten(mistake['true'], LONGEST)}"]
    for answer in mistake["top"]:
        percent = 100 * answer["probability"]
        lines.append(f"{percent:.1f} % {shorten(answer['class'], LONGEST)}")
    if not mistake["top"]:
        lines.append("no finite answer")
    return "\n".join(lines)


def _show(axes: Axes, image: Any, mistake: Mapping[str, Any]) -> None:
    axes.imshow(image)
    # A class may be called "$a$", which is no formula.
    axes.set_title(
        describe_mistake(mistake), fontsize=MEDIUM, loc="left", parse_math=False
    )
