"""IMAGE arguments: found, read a batch at a time, and what is said of them."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import click

from keras_snow.cli.options import Function
from keras_snow.cli.options import add_options
from keras_snow.cli.options import json_option
from keras_snow.cli.options import max_pixels_option
from keras_snow.cli.options import value_range_option
from keras_snow.core.files import expand_home
from keras_snow.core.near_path import did_you_mean

BATCH = 32

Read = tuple[list[pathlib.Path], Any]


def images_option(top: int) -> Callable[[Function], Function]:
    """Returns what adds IMAGE... and how the images are read and answered."""
    options = (
        click.argument("images", metavar="IMAGE...", nargs=-1, required=True),
        click.option(
            "--top",
            type=click.IntRange(min=1),
            default=top,
            help="Classes to name for each answer.",
        ),
        json_option,
        click.option(
            "--skip-bad",
            is_flag=True,
            help="Go on behind a file that can't be read, and list it.",
        ),
        max_pixels_option,
        value_range_option("as in training"),
    )
    return lambda function: add_options(function, *options)


def find_images(
    names: Sequence[str], skip_bad: bool = False
) -> list[pathlib.Path]:
    """Returns the named files, and the images of the named folders."""
    from keras_snow.data.image_files import files_below
    from keras_snow.data.image_files import image_endings

    endings = image_endings()
    found: list[pathlib.Path] = []
    for name in names:
        if not name:
            raise ValueError(
                "The path of an image is empty. Name a file, or a folder: `.` "
                "is the current one. Received: image=''"
            )
        path = expand_home(name)
        if not os.path.lexists(path):
            problem = (
                f"There is no such image. {did_you_mean(path)}"
                f"Received: path={name!r}"
            )
            if not skip_bad:
                raise FileNotFoundError(problem)
            click.echo(f"skipped: {problem}", err=True)
            continue
        if not path.is_dir():
            found.append(path)
            continue
        inside = [
            each
            for each in sorted(files_below(path))
            if each.suffix.lower() in endings
        ]
        if not inside:
            raise ValueError(
                f"There are no images in this folder. Received: {name!r}"
            )
        found += inside
    return found


def read_batches(
    paths: Sequence[pathlib.Path],
    image_size: int,
    skip_bad: bool,
    max_pixels: int | None = None,
    value_range: Sequence[float] | None = None,
) -> Iterator[Read]:
    """Reads images as evaluation does, a batch at a time.

    Args:
        paths: Their files.
        image_size: Pixels of a side.
        skip_bad: Whether to go on behind a file that can't be read.
        max_pixels: Images with more pixels can't be read. `read_image`'s own
            limit if None.
        value_range: What is black and what is white in images of more than 8
            bits.

    Yields:
        Paths, and their pixels: raw RGB, `(batch, height, width, 3)`, float32.
    """
    import numpy as np

    from keras_snow.data.open_image import MAX_PIXELS
    from keras_snow.data.value_range import check_value_range

    further = {
        "max_pixels": max_pixels or MAX_PIXELS,
        "value_range": check_value_range(value_range),
    }
    empty = True
    for start in range(0, len(paths), BATCH):
        part = paths[start : start + BATCH]
        read = list(_read(part, image_size, skip_bad, further))
        if read:
            empty = False
            pixels = np.stack([image for _, image in read])
            yield [path for path, _ in read], pixels.astype("float32")
    if empty:
        raise ValueError("None of the images can be read.")


def _read(
    paths: Sequence[pathlib.Path],
    image_size: int,
    skip_bad: bool,
    further: dict[str, Any],
) -> Iterator[tuple[pathlib.Path, Any]]:
    from keras_snow.data import evaluation_image

    for path in paths:
        try:
            image = evaluation_image(path, image_size, **further)
        except (ValueError, OSError) as error:
            if not skip_bad:
                raise
            click.echo(f"skipped: {error}", err=True)
        else:
            yield path, image


def show_classes(predictions: Sequence[dict[str, Any]]) -> None:
    """Prints classes with their scores."""
    for each in predictions:
        # Of several classes those that are present bear a mark.
        mark = " *" if each.get("present") else ""
        click.echo(f"  {each['score']:6.1%}  {each['class']}{mark}")
