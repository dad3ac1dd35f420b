"""Options of the verbs, in groups by what they are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from keras_snow.cli.typed import low_and_high
from keras_snow.cli.typed import none_by_name
from keras_snow.cli.typed import own_path
from keras_snow.cli.typed import read_settings
from keras_snow.cli.typed import split_names

Function = Callable[..., Any]

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON."
)
moved_source_option = click.option(
    "--source", help="The source, if it is no longer where it was."
)


max_pixels_option = click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    default=89_478_485,  # `data.open_image`'s; --help need not load it.
    help="Most pixels of an image; larger ones are refused, not decoded.",
)


def value_range_option(default: str) -> Callable[[Function], Function]:
    """Returns what adds the range of values of images of more than 8 bits."""
    return click.option(
        "--value-range",
        metavar="LOW,HIGH",
        callback=low_and_high,
        help="What is black and what is white in images of more than 8 bits, "
        f"0,4095. [default: {default}]",
    )


def add_options(
    function: Function, *options: Callable[[Function], Function]
) -> Function:
    """Adds options so that `--help` lists them in this order."""
    for option in reversed(options):
        function = option(function)
    return function


def source_options(function: Function) -> Function:
    """Adds what makes a source, beside its name."""
    return add_options(
        function,
        click.option(
            "--weights",
            default="imagenet",
            metavar="imagenet|none|FILE",
            callback=none_by_name,
            help="Weights of a source given by name; a .keras file has its "
            "own.",
        ),
        click.option(
            "--taps",
            metavar="NAME,NAME,...",
            callback=split_names,
            help="Layers to tap, see `keras-snow taps`, or places among its "
            "own taps: last:4, every:2, -1. [default: the "
            "network's own]",
        ),
        input_scale_option,
    )


def input_scale_option(function: Function) -> Function:
    """Adds what the source's owner made of pixels outside of it."""
    return click.option(
        "--input-scale",
        metavar="0..1|-1..1|caffe|tf|torch|FACTOR",
        callback=_scale,
        help="What pixels 0 to 255 became outside of the source when it was "
        "trained; it then does so itself. [default: nothing]",
    )(function)


def network_options(function: Function) -> Function:
    """Adds the source by name or file, and what else makes it."""
    return add_options(
        function,
        click.option(
            "--source",
            default="resnet50",
            metavar="NAME|FILE.keras|RUN",
            help="The frozen network: a name of `keras-snow sources`, a file, "
            "or the folder of a finished run.",
        ),
        source_options,
    )


def out_option(default: str) -> Callable[[Function], Function]:
    """Returns what adds the folder in which all is kept."""
    return click.option(
        "--out",
        type=click.Path(file_okay=False),
        metavar="DIR",
        callback=own_path,
        help=f"Where all is kept. [default: {default}]",
    )


def image_size_of(default: int) -> Callable[[Function], Function]:
    """Returns what adds the size of the images that the network sees."""
    return click.option(
        "--image-size",
        type=int,
        default=default,
        help="Pixels of a side of what the network sees.",
    )


image_size_option = image_size_of(224)


def snow_options(function: Function) -> Function:
    """Adds the settings of a delta."""
    return add_options(
        function,
        click.option(
            "--k",
            metavar="NUMBER",
            callback=_number,
            help="Maps of a tap to subscribe to: 32, or a fraction, 0.125.",
        ),
        click.option(
            "--sigma",
            metavar="NUMBER|auto",
            callback=_sigma,
            help="Standard deviation of the noise; auto finds one.",
        ),
        click.option(
            "--width", type=float, help="Width of the delta, 0.125 of a tap's."
        ),
        click.option(
            "--subscription",
            metavar="NAME",
            help="channel_pooling, pointwise, attention or all.",
        ),
        click.option("--binding", metavar="NAME", help="rows, slots or rank."),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            callback=read_settings,
            help="Any other setting of the method or recipe; repeatable.",
        ),
    )


def fixed_option(what: str) -> Callable[[Function], Function]:
    """Returns the option that holds settings fixed in many runs."""
    return click.option(
        "--set",
        "fixed",
        multiple=True,
        metavar="NAME=VALUE",
        callback=read_settings,
        help=f"A setting of {what}; repeatable.",
    )


def budget_options(function: Function) -> Function:
    """Adds the recipe and what is changed in it beside the learning rate."""
    return add_options(
        function,
        click.option(
            "--recipe",
            metavar="NAME",
            help="paper or small. [default: by the number of images]",
        ),
        click.option("--epochs", type=int, help="Passes over the images."),
        click.option("--batch-size", type=int, help="Images a step."),
        click.option(
            "--patience",
            type=int,
            metavar="EPOCHS",
            help="End a run after so many epochs without a better one on the "
            "validation images, and keep the best. [default: train all epochs]",
        ),
        click.option(
            "--augmentation",
            metavar="NAME",
            help="none, flip, near, crop, strong or varied.",
        ),
    )


def recipe_options(function: Function) -> Function:
    """Adds the recipe and what is often changed in it."""
    return add_options(
        function,
        budget_options,
        click.option(
            "--learning-rate",
            type=float,
            help="Its peak, for 32 images a step (paper: 256); it is scaled "
            "to the batch.",
        ),
    )


def _number(_: Any, __: Any, value: str | None) -> int | float | None:
    """A whole number stays one: `--k 32` is a count, `--k 0.5` a share."""
    if value is None:
        return None
    try:
        return int(value)
    except ValueError:
        pass
    try:
        return float(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a number.") from None


def first_and_last(
    _: Any, __: Any, value: str | None
) -> tuple[int, int] | None:
    """Reads two whole numbers with a dash between; a callback of click's.

    Examples:
        >>> first_and_last(None, None, "10-20")
        (10, 20)
    """
    if value is None:
        return None
    first, dash, last = value.partition("-")
    if not (dash and first.isdigit() and last.isdigit()):
        raise click.BadParameter(f"{value!r} is not like 10-20.")
    return int(first), int(last)


profile_option = click.option(
    "--profile",
    metavar="FIRST-LAST",
    callback=first_and_last,
    help="Write a profile of these steps, 10-20, into the run's logs.",
)


def _sigma(
    context: click.Context, option: click.Parameter, value: str | None
) -> float | str | None:
    return value if value == "auto" else _number(context, option, value)


def _scale(_: Any, __: Any, value: str | None) -> str | None:
    from keras_snow.core.pixel_scale import check_scale

    try:
        return None if value is None else check_scale(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
