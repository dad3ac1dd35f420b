"""Loss and accuracy over the epochs, of several runs in one figure."""

import math
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_snow.visualization.canvas import LARGE
from keras_snow.visualization.canvas import MEDIUM
from keras_snow.visualization.canvas import SMALL
from keras_snow.visualization.canvas import new_figure
from keras_snow.visualization.canvas import show_axes

Curves = Mapping[str, Sequence[float | None]]

PANELS = (
    ("loss", "training loss"),
    ("val_loss", "validation loss"),
    ("accuracy", "training accuracy, %"),
    ("val_top1", "validation accuracy, %"),
)
"""What a run's curves are called in its record, and in the figure."""
SEVERAL = ("val_map", "validation mAP, %")  # Of images with several classes.

# Okabe and Ito, 2008: told apart by colour-blind readers, too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
STYLES = ("-", "--", ":", "-.")
HEIGHT = 600
WIDE = 30.0  # Losses further apart than this are drawn on a logarithmic scale.


def draw_training_curves(
    runs: Mapping[str, Curves],
    title: str = "",
    best: tuple[str, int] | None = None,
) -> Figure:
    """Draws training and validation loss and accuracy of several runs.

    A value that is missing or not finite leaves a gap.

    Args:
        runs: Curves by what the legend calls the run: `epoch`, and any of
            `loss`, `val_loss`, `accuracy`, `val_top1` or `val_map` (from 0 to
            1).
        title: Put above.
        best: A run and an epoch of it to mark.

    Examples:
        >>> curves = {"epoch": [1, 2], "loss": [0.9, 0.5]}
        >>> figure = draw_training_curves({"rate 0.1": curves})
        >>> figure.axes[0].lines[0].get_ydata().tolist()
        [0.9, 0.5]
    """
    figure = new_figure(HEIGHT)
    several = any("val_map" in curves for curves in runs.values())
    shown = PANELS[:3] + ((SEVERAL,) if several else PANELS[3:])
    panels = zip(figure.subplots(2, 2).ravel(), shown, strict=True)
    for axes, (name, label) in panels:
        _draw(axes, name, label, runs)
        if best is not None:
            _mark(axes, name, runs[best[0]], best[1])
    handles, labels = figure.axes[0].get_legend_handles_labels()
    if handles:
        columns = min(6, len(handles))
        figure.legend(
            handles,
            labels,
            loc="outside lower center",
            ncols=columns,
            fontsize=MEDIUM,
        )
    if title:
        figure.suptitle(title, fontsize=LARGE)
    return figure


def _draw(
    axes: Axes, name: str, label: str, runs: Mapping[str, Curves]
) -> None:
    drawn: list[float] = []
    for number, (run, curves) in enumerate(runs.items()):
        epochs, values = _points(curves, name)
        axes.plot(
            epochs,
            values,
            label=run,
            color=COLOURS[number % len(COLOURS)],
            linestyle=STYLES[number // len(COLOURS) % len(STYLES)],
            marker="." if len(epochs) < 10 else None,
        )
        drawn += [value for value in values if math.isfinite(value)]
    if "loss" in name and drawn and 0 < WIDE * min(drawn) < max(drawn):
        axes.set_yscale("log")
    axes.set_xlabel("epoch", fontsize=MEDIUM)
    axes.set_ylabel(label, fontsize=MEDIUM)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    show_axes(axes)


def _mark(axes: Axes, name: str, curves: Curves, epoch: int) -> None:
    epochs, values = _points(curves, name)
    if epoch in epochs and math.isfinite(value := values[epochs.index(epoch)]):
        axes.plot([epoch], [value], "o", color="black", fillstyle="none")
        axes.annotate(
            f"epoch {epoch}",
            (epoch, value),
            (6, 6),
            textcoords="offset points",
            fontsize=SMALL,
        )


def _points(curves: Curves, name: str) -> tuple[list[Any], list[float]]:
    """Epochs and values, NaN (which is not drawn) where there is none."""
    scale = 1.0 if "loss" in name else 100.0
    values = [
        math.nan if value is None else scale * value
        for value in curves.get(name, ())
    ]
    return list(curves.get("epoch", ()))[: len(values)], values
