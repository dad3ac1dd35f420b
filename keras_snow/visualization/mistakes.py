"""A grid of misclassified images, with what the model took them for."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from keras_snow.core.files import PathLike
from keras_snow.core.files import replace_atomically

COLUMNS = 4
LONGEST = 24  # Letters of a class name that are shown.


def save_mistakes(
    images: Sequence[Any],
    mistakes: Sequence[Mapping[str, Any]],
    path: PathLike,
    title: str = "",
) -> None:
    """Draws misclassified images with true class and likeliest answers.

    Args:
        images: One a mistake, `(height, width, 3)`, uint8.
        mistakes: Of each image `true` (its class) and `top`: `class` and
            `probability` of the answers, the likeliest first.
        path: The PNG file to write.
        title: Put above.

    Raises:
        ValueError: If there are not as many images as mistakes.
        OSError: If the file can't be written.

    Examples:
        >>> answers = [{"class": "dog", "probability": 0.9}]
        >>> image = np.zeros((8, 8, 3), "uint8")
        >>> mistake = {"true": "horse", "top": answers}
        >>> save_mistakes([image], [mistake], "mistakes.png")
    """
    if len(images) != len(mistakes):
        raise ValueError(
            "There must be one image for each mistake. "
            f"Received: {len(images)} images, {len(mistakes)} mistakes"
        )
    columns = min(COLUMNS, max(1, len(images)))
    lines = max(1, -(-len(images) // columns))
    figure = Figure(
        figsize=(2.6 * columns + 0.4, 3.3 * lines + 0.4), layout="constrained"
    )
    FigureCanvasAgg(figure)
    grid = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, image, mistake in zip(grid, images, mistakes, strict=False):
        _show(axes, image, mistake)
    if not len(images):
        grid[0].text(0.5, 0.5, "no mistakes", ha="center")
    if title:
        figure.suptitle(title, fontsize=12)
    with replace_atomically(path) as temporary:
        figure.savefig(temporary, dpi=110)


def describe_mistake(mistake: Mapping[str, Any]) -> str:
    """Returns the caption of a mistake.

    Args:
        mistake: As of `save_mistakes`.

    Examples:
        >>> answers = [{"class": "dog", "probability": 0.9}]
        >>> print(describe_mistake({"true": "horse", "top": answers}))
        true: horse
        90.0 % dog
    """
    lines = [f"true: {_shorten(mistake['true'])}"]
    for answer in mistake["top"]:
        percent = 100 * answer["probability"]
        lines.append(f"{percent:.1f} % {_shorten(answer['class'])}")
    if not mistake["top"]:
        lines.append("no finite answer")
    return "\n".join(lines)


def _show(axes: Axes, image: Any, mistake: Mapping[str, Any]) -> None:
    axes.imshow(image)
    # A class may be called "$a$", which is no formula.
    axes.set_title(
        describe_mistake(mistake), fontsize=9, loc="left", parse_math=False
    )


def _shorten(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
