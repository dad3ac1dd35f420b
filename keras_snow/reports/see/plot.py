"""plot: a run's figure in one call."""

import pathlib
from typing import Any

import keras_snow.reports.see.of_answers
import keras_snow.reports.see.of_images
import keras_snow.reports.see.of_selections  # noqa: F401
from keras_snow.core.files import PathLike
from keras_snow.reports.see.kinds import FIGURES
from keras_snow.reports.see.kinds import FigureKind
from keras_snow.reports.see.options import PlotOptions
from keras_snow.visualization.canvas import check_ending
from keras_snow.visualization.canvas import save_figure


def plot(
    what: str,
    run: PathLike,
    *inputs: PathLike,
    out: PathLike,
    **options: Any,
) -> pathlib.Path:
    """Draws a figure of a run and writes it to a file.

    | what | draws | takes |
    |---|---|---|
    | `selections` | chosen channels over training, and how many change | `taps` |
    | `importances` | importances of each tap, sorted | `taps` |
    | `levels` | share of each tap that is kept, and how it is weighed | `taps` |
    | `overlap` | channels that tasks share | further runs or deltas; `taps` |
    | `filters` | the source's first filters | `source` |
    | `activations` | maps before and after the ReLU | an image; `taps`, `count`, `source` |
    | `chosen` | maps that the task chose beside others | an image; `taps`, `count`, `source` |
    | `heat` | where the answer comes from | images; `taps`, `label`, `source` |
    | `confusion` | classes taken for others | a task; `split`, `source`, how it is split |
    | `mistakes` | misclassified images with the likeliest answers | as `confusion`; `count` |
    | `curves` | loss and accuracy over the epochs | further runs |

    Args:
        what: The kind of figure.
        run: The folder that `train` wrote; for what is read from a delta
            alone also the file of one.
        *inputs: Images, further runs, or a task.
        out: The file, `.png`, `.svg` or `.pdf`.
        **options: Fields of `PlotOptions`.

    Returns:
        The path of the file.

    Raises:
        ValueError: If the kind, an input or an option is not what it should
            be.
        OSError: If there is no run, or a file can't be read or written.

    Examples:
        >>> plot("heatt", "runs/birds", "wren.jpg", out="heat.png")
        Traceback (most recent call last):
        ...
        ValueError: Unknown figure. Did you mean `heat`? Known: ...
    """  # noqa: E501
    kind = FIGURES.get(what)
    chosen = PlotOptions(**options)
    _check(what, kind, [str(each) for each in inputs], chosen)
    check_ending(out)
    figure = kind.draw(run, [str(each) for each in inputs], chosen)
    return save_figure(figure, out)


def _check(
    what: str, kind: FigureKind, inputs: list[str], options: PlotOptions
) -> None:
    most = len(inputs) if kind.most is None else kind.most
    if not kind.least <= len(inputs) <= most:
        needed = kind.inputs or "nothing"
        raise ValueError(
            f"Beside the run the figure `{what}` takes {needed}. "
            f"Received: {len(inputs)} inputs {inputs}"
        )
    for name in options.given:
        if name not in kind.options:
            raise ValueError(
                f"The figure `{what}` does not heed this option, only "
                f"{', '.join(kind.options)}. "
                f"Received: {name}={getattr(options, name)!r}"
            )
