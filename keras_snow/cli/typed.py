"""What the user typed, as values; callbacks of click's."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import click

from keras_snow.core.files import expand_home
from keras_snow.core.finished_run import find_model
from keras_snow.core.kinds import KINDS
from keras_snow.core.kinds import kind_of
from keras_snow.core.near_path import did_you_mean

# What JSON writes otherwise.
_PYTHONS_OWN = {"None": None, "True": True, "False": False}


def key_value(text: str) -> tuple[str, Any]:
    """Reads `name=value`, with the value as the JSON it looks like.

    `None`, `True` and `False` are read as Python writes them, too.

    Examples:
        >>> key_value("label_smoothing=0.1")
        ('label_smoothing', 0.1)
        >>> key_value("schedule=cosine")
        ('schedule', 'cosine')
        >>> key_value("head_k=None")
        ('head_k', None)
        >>> key_value("normalise_taps=False")
        ('normalise_taps', False)
    """
    import json

    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ValueError(f"A setting is `name=value`. Received: {text!r}")
    if value in _PYTHONS_OWN:
        return name, _PYTHONS_OWN[value]
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def read_settings(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> dict[str, Any]:
    """Reads settings that are given one by one; a callback of click's.

    Examples:
        >>> read_settings(None, None, ("k=0.25", "head=last"))
        {'k': 0.25, 'head': 'last'}
    """
    return dict(key_value(text) for text in values)


def split_names(_: Any, __: Any, value: str | None) -> list[str] | None:
    """Reads names that are separated by commas; a callback of click's.

    Examples:
        >>> split_names(None, None, "snow, fo")
        ['snow', 'fo']
    """
    names = split_or_none(None, None, value)
    if names == []:
        raise click.BadParameter(
            f"{value!r} names nothing. Name at least one, or leave it out."
        )
    return names


def split_or_none(_: Any, __: Any, value: str | None) -> list[str] | None:
    """Reads names as `split_names` does, of which there may be none.

    Examples:
        >>> split_or_none(None, None, "")
        []
    """
    if value is None:
        return None
    return [name.strip() for name in value.split(",") if name.strip()]


def own_path(_: Any, __: Any, value: str | None) -> str | None:
    """Reads a path, `~` as the user's own folder; a callback of click's.

    Examples:
        >>> own_path(None, None, "runs/birds")
        'runs/birds'
    """
    if value == "":
        raise click.BadParameter(
            "The path is empty; `.` is the current folder."
        )
    return None if value is None else str(expand_home(value))


def run_folder(_: Any, __: Any, value: str) -> str:
    """Reads the folder of a finished run; a callback of click's."""
    folder = own_path(None, None, value) or ""
    find_model(folder)
    return folder


def bundle_folder(_: Any, __: Any, value: str) -> str:
    """Reads the folder of a bundle; a callback of click's."""
    folder = own_path(None, None, value) or ""
    if (pathlib.Path(folder) / "bundle.json").is_file():
        return folder
    if not os.path.lexists(folder):
        held = f"There is no such folder. {did_you_mean(folder)}"
    else:
        kind = kind_of(folder)
        held = "" if kind == "folder" else f"This is {KINDS[kind]}. "
    raise FileNotFoundError(
        f"{held}There is no bundle in this folder. Make one with `keras-snow "
        f"bundle create`. Received: folder={folder!r}"
    )


def low_and_high(
    _: Any, __: Any, value: str | None
) -> tuple[float, float] | None:
    """Reads two numbers with a comma, the lower first; a callback of click's.

    Examples:
        >>> low_and_high(None, None, "0,4095")
        (0.0, 4095.0)
    """
    if value is None:
        return None
    try:
        low, high = (float(part) for part in value.split(","))
    except ValueError:
        low = high = 0.0
    if not low < high:
        raise click.BadParameter(
            f"{value!r} is not two numbers like 0,4095, the lower first."
        )
    return low, high


def names_or_file(_: Any, __: Any, value: str | None) -> list[str] | None:
    """Reads names with commas, or the lines of a file; a callback of click's.

    Examples:
        >>> names_or_file(None, None, "wren, house sparrow")
        ['wren', 'house sparrow']
    """
    if value is None or not value.endswith(".txt"):
        names = split_or_none(None, None, value)
    else:
        try:
            text = expand_home(value).read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise click.BadParameter(
                f"{value!r} can't be read as text ({error})."
            ) from None
        names = [line.strip() for line in text.splitlines() if line.strip()]
    if names == []:
        raise click.BadParameter(f"{value!r} holds no names.")
    return names


def none_by_name(_: Any, __: Any, value: str) -> str | None:
    """Reads `none` as None."""
    return None if value.lower() == "none" else value
