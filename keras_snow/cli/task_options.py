"""Options of the verbs that read a task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from keras_snow.cli.options import Function
from keras_snow.cli.options import add_options
from keras_snow.cli.options import max_pixels_option
from keras_snow.cli.options import value_range_option
from keras_snow.cli.typed import names_or_file
from keras_snow.cli.typed import own_path
from keras_snow.cli.typed import split_names

shots_option = click.option(
    "--shots",
    type=click.IntRange(min=1),
    help="Learn from so many images of each class. [default: all]",
)


def task_options(function: Function) -> Function:
    """Adds how a task is read and split."""
    return _task_options(function, validation=0.1, test=0.2, seed=0)


def learned_task_options(function: Function) -> Function:
    """Adds how the task of a run is read; it is split as the run had it."""
    return _task_options(function)


def _task_options(function: Function, **held_out: float) -> Function:
    def option(name: str, kind: type, text: str, **further: Any) -> Function:
        default = held_out.get(name.split("-")[-1])
        if default is None:
            text += " [default: as the run had it]"
        return click.option(
            f"--{name}",
            type=kind,
            default=default,
            help=text,
            **further,
        )

    return add_options(
        function,
        option(
            "validation",
            float,
            "Part of the training images to hold out.",
            metavar="FRACTION",
        ),
        option(
            "test",
            float,
            "Part to test on, where the data has no test split.",
            metavar="FRACTION",
        ),
        option("split-seed", int, "Which images are held out."),
        click.option(
            "--classes",
            metavar="NAME,NAME,...|FILE.txt",
            callback=names_or_file,
            help="Classes to keep; of a file, one a line. [default: all]",
        ),
        reading_options,
        click.option(
            "--half",
            type=click.Choice(["A", "B"]),
            help="One half of the classes, drawn by --split-seed; A and B have "
            "none in common. [default: both]",
        ),
        file_options(
            "found by all of them" if held_out else "as the run had it"
        ),
    )


def file_options(value_range: str) -> Callable[[Function], Function]:
    """Returns what adds how the files of a task are read.

    Args:
        value_range: The range of values if the user does not say, for `--help`.
    """
    return lambda function: add_options(
        function,
        click.option(
            "--skip-bad",
            is_flag=True,
            help="Leave out files that can't be read, and list them.",
        ),
        max_pixels_option,
        value_range_option(value_range),
    )


def reading_options(function: Function) -> Function:
    """Adds what data does not say itself; it arrives as one dict, `reading`.

    Args:
        function: The verb.
    """

    def option(name: str, text: str, **further: Any) -> Function:
        return click.option(
            f"--{name}",
            # `images` is an argument of some verbs.
            f"reading_{name.replace('-', '_')}",
            help=text,
            expose_value=False,
            callback=_keep_reading,
            **further,
        )

    return add_options(
        function,
        option(
            "path-column",
            "Column of a table that names the images. [default: found]",
            metavar="NAME",
        ),
        option(
            "label-column",
            "Column of the labels; `train` makes a task of each of several. "
            "[default: found]",
            metavar="NAME,...",
        ),
        option(
            "images",
            "Folder that the paths of a table are relative to. [default: "
            "found]",
            metavar="DIR",
        ),
        option(
            "part",
            "Part of a published data set: a domain of PACS, one of DTD's ten "
            "splits, coarse of CIFAR-100, ... [default: the usual one]",
            metavar="NAME",
        ),
        option(
            "multi-label",
            "An image may have several classes, or none.",
            is_flag=True,
        ),
    )


def _keep_reading(
    context: click.Context, option: click.Parameter, value: Any
) -> None:
    reading = context.params.setdefault("reading", {})
    if not value:
        return
    name = str(option.name).removeprefix("reading_")
    if name == "label_column":
        names = split_names(context, option, value) or []
        value = names if len(names) > 1 else names[0]
    if name == "images":
        value = own_path(context, option, value)
    reading[name] = value


def file_rules(options: dict[str, Any]) -> dict[str, Any]:
    """Returns what `load_task` and `FileRules` know by the same name.

    Args:
        options: Of a verb that has `file_options`.

    Examples:
        >>> file_rules({"skip_bad": True, "max_pixels": 9, "value_range": None})
        {'skip_bad': True, 'max_pixels': 9, 'value_range': None}
    """
    return {
        name: options[name]
        for name in ("skip_bad", "max_pixels", "value_range")
    }
