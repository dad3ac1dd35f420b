"""`keras-snow export`: a bundle as a model of another runtime."""

from __future__ import annotations

import pathlib
from typing import Any

import click

from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.typed import bundle_folder
from keras_snow.cli.typed import own_path
from keras_snow.cli.typed import split_names
from keras_snow.cli.verb import Verb


@click.command(cls=Verb)
@click.argument("directory", metavar="BUNDLE", callback=bundle_folder)
@click.option(
    "--format",
    "format_name",
    required=True,
    metavar="saved_model|onnx|openvino|litert",
    help="What to write.",
)
@click.option(
    "--out",
    metavar="PATH",
    callback=own_path,
    help="The file, or the folder of a SavedModel; must be free. [default: "
    "the bundle's name with the format's ending]",
)
@click.option(
    "--tasks",
    metavar="NAME,NAME,...",
    callback=split_names,
    help="Tasks to export. [default: all]",
)
@click.option(
    "--image-size",
    type=click.IntRange(min=1),
    metavar="PIXELS",
    help="Pixels of a side. [default: those of the tasks]",
)
def export(directory: str, format_name: str, **options: Any) -> None:
    """Write the folded BUNDLE as one model with an output a task.

    The model takes raw RGB, float32, values 0 to 255. It is opened in its own
    runtime and compared with the bundle's deltas before it takes its name.

    \b
    Examples:
      keras-snow export shop --format onnx
      keras-snow export shop --format onnx --out models/shop/1/model.onnx
    """
    load_keras()
    from keras_snow.serving import Bundle
    from keras_snow.serving import export as write
    from keras_snow.serving.deviation import describe_deviation
    from keras_snow.serving.format import find_format

    ending = find_format(format_name).ending
    own_name = pathlib.Path(directory).resolve().name
    found = write(
        Bundle.load(directory),
        format_name,
        options["out"] or f"{own_name}{ending or '_saved_model'}",
        options["tasks"],
        options["image_size"],
    )
    click.echo(
        f"{found.path}: {', '.join(found.tasks)}; {found.image_size} px; "
        f"{describe_deviation(found.deviation, found.packing_deviation)}"
    )
