"""Which channels are chosen while a task is learned: the paper's Figure 5."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from keras_snow.visualization.canvas import BLUE
from keras_snow.visualization.canvas import LARGE
from keras_snow.visualization.canvas import MEDIUM
from keras_snow.visualization.canvas import ORANGE
from keras_snow.visualization.canvas import SMALL
from keras_snow.visualization.canvas import WIDTH
from keras_snow.visualization.canvas import new_figure
from keras_snow.visualization.canvas import shorten
from keras_snow.visualization.canvas import show_axes

NOT_CHOSEN, KEPT, NEW = 0, 1, 2
CROWDED = 128  # Channels from which on they may be thinner than a pixel.
LINES = 30  # Epochs up to which each has its line.
_COLOURS = ListedColormap(["white", BLUE, ORANGE])


def draw_selections(
    moments: np.ndarray,
    chosen: Mapping[str, np.ndarray],
    channels: Mapping[str, int],
    changes: Mapping[str, np.ndarray] | None = None,
    title: str = "",
) -> Figure:
    """Draws the chosen channels of taps over training, and how many change.

    A channel that was not chosen at the moment before is orange.

    Reference:
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr),
        Figure 5.

    Args:
        moments: Epochs that were done at each moment, `(moments,)`.
        chosen: Tap -> its chosen channels, `(moments, k)`.
        channels: Tap -> how many channels it has.
        changes: What to draw below: name -> share at each moment but the first,
            `(moments - 1,)`.
        title: What to write above.

    Returns:
        The figure: one axis a tap, with one image of `selection_states`
        (moments of a large tap are repeated), and one of the changes.

    Examples:
        >>> chosen = {"late": np.array([[0, 1], [0, 3]])}
        >>> figure = draw_selections(np.array([0, 1]), chosen, {"late": 4})
        >>> figure.axes[0].images[0].get_array().tolist()
        [[1, 1], [1, 0], [0, 0], [0, 2]]
    """
    count = len(chosen)
    tall = max(150, 480 // count)
    ratios = [tall] * count + [110] * bool(changes)
    figure = new_figure(sum(ratios) + 90)
    axes = figure.subplots(
        len(ratios), sharex=True, squeeze=False, height_ratios=ratios
    ).ravel()
    for axis, (tap, indices) in zip(axes, chosen.items(), strict=False):
        _draw_tap(axis, indices, channels[tap])
        axis.set_title(
            f"{shorten(tap, 40)}: {np.shape(indices)[1]} of {channels[tap]} "
            "channels",
            fontsize=MEDIUM,
            loc="left",
        )
    if changes:
        _draw_changes(axes[-1], changes)
    for axis in axes:
        _draw_epochs(axis, np.asarray(moments))
    axes[-1].set_xlabel("epochs done", fontsize=MEDIUM)
    marks = [
        Line2D([], [], marker="s", ls="", color=colour, label=label)
        for colour, label in ((BLUE, "chosen"), (ORANGE, "newly chosen"))
    ]
    figure.legend(
        handles=marks,
        fontsize=SMALL,
        loc="outside upper right",
        ncols=2,
        frameon=False,
    )
    figure.suptitle(title, fontsize=LARGE)
    return figure


def selection_states(chosen: np.ndarray, channels: int) -> np.ndarray:
    """Returns of each channel whether it is chosen, and newly so.

    Args:
        chosen: Chosen channels, `(moments, k)`.
        channels: How many there are.

    Returns:
        `(channels, moments)`, uint8: 0 not chosen, 1 chosen, 2 chosen but not
        at the moment before.

    Examples:
        >>> selection_states(np.array([[0], [2]]), 3).tolist()
        [[1, 0], [0, 0], [0, 2]]
    """
    is_chosen = np.zeros((len(chosen), channels), bool)
    np.put_along_axis(is_chosen, np.asarray(chosen, "int64"), True, axis=1)
    states = is_chosen.astype("uint8")
    states[1:][is_chosen[1:] & ~is_chosen[:-1]] = NEW
    return states.T


def _draw_tap(axis: Any, indices: np.ndarray, channels: int) -> None:
    states = selection_states(indices, channels)
    moments = states.shape[1]
    crowded = channels > CROWDED
    if crowded:
        # Where a pixel holds several channels it shows the mix of their
        # colours. The mixing works both ways: moments as wide as pixels keep
        # it from blurring them.
        states = np.repeat(states, -(-WIDTH // moments), axis=1)
    axis.imshow(
        states,
        cmap=_COLOURS,
        vmin=NOT_CHOSEN,
        vmax=NEW,
        aspect="auto",
        origin="lower",
        extent=(-0.5, moments - 0.5, -0.5, channels - 0.5),
        interpolation="antialiased" if crowded else "nearest",
        interpolation_stage="rgba",
    )
    axis.set_ylabel("channel", fontsize=MEDIUM)
    show_axes(axis)


def _draw_changes(axis: Any, changes: Mapping[str, np.ndarray]) -> None:
    styles = [(ORANGE, "-", "o"), ("black", "--", "x")]
    for (name, values), style in zip(changes.items(), styles, strict=False):
        colour, line, marker = style
        axis.plot(
            np.arange(1, len(values) + 1),
            100 * np.asarray(values),
            color=colour,
            ls=line,
            marker=marker,
            ms=3,
            lw=1,
            label=name,
        )
    axis.set_ylim(bottom=0)
    axis.set_ylabel("changed, %", fontsize=MEDIUM)
    axis.legend(fontsize=SMALL, frameon=False, loc="upper right")
    show_axes(axis)


def _draw_epochs(axis: Any, moments: np.ndarray) -> None:
    """Moments are placed evenly; lines and numbers stand at whole epochs."""
    whole = np.flatnonzero(moments == np.floor(moments))
    places = whole[:: -(-len(whole) // LINES)]
    for place in places:
        axis.axvline(place, color="black", lw=0.4, alpha=0.35)
    labelled = whole[:: max(1, -(-len(whole) // 12))]
    axis.set_xticks(labelled, [f"{moments[place]:g}" for place in labelled])
