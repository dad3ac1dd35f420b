"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from typing import TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def source_options(function: Function) -> Function:
    """Adds `--weights` and `--taps`, which make a source with its name.

    Args:
        function: The verb.
    """
    for option in (
        click.option(
            "--taps",
            metavar="NAME,NAME,...",
            callback=_split,
            help="Layers to tap. [default: the network's own]",
        ),
        click.option(
            "--weights",
            default="imagenet",
            show_default=True,
            metavar="imagenet|none|FILE",
            callback=_weights,
            help="Weights of a source given by name; a .keras file has its "
            "own.",
        ),
    ):
        function = option(function)
    return function


def key_value(text: str) -> tuple[str, Any]:
    """Reads `name=value`, with the value as the JSON it looks like.

    Args:
        text: What the user typed.

    Raises:
        ValueError: If there is no `=` in it.

    Examples:
        >>> key_value("label_smoothing=0.1")
        ('label_smoothing', 0.1)
        >>> key_value("schedule=cosine")
        ('schedule', 'cosine')
    """
    import json

    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ValueError(f"A setting is `name=value`. Received: {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _split(_: Any, __: Any, value: str | None) -> list[str] | None:
    if value is None:
        return None
    return [name.strip() for name in value.split(",") if name.strip()]


def _weights(_: Any, __: Any, value: str) -> str | None:
    return None if value.lower() == "none" else value
