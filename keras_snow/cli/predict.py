"""`keras-snow predict`: names what is on images."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from keras_snow.cli.images import find_images
from keras_snow.cli.images import images_option
from keras_snow.cli.images import read_batches
from keras_snow.cli.images import show_classes
from keras_snow.cli.options import moved_source_option
from keras_snow.cli.typed import own_path
from keras_snow.cli.verb import Verb


@click.command(cls=Verb)
@click.argument("directory", metavar="DIR", callback=own_path)
@images_option(top=5)
@moved_source_option
def predict(directory: str, images: tuple[str, ...], **options: Any) -> None:
    """Name what is on each IMAGE, with the run in DIR.

    An IMAGE may also be a folder, of which all images are taken.

    \b
    Examples:
      keras-snow predict runs/birds photo.jpg
      keras-snow predict runs/birds holiday/ --top 1 --json
    """
    from keras_snow.serving.name_classes import name_classes
    from keras_snow.training import load_run

    paths = find_images(images)
    model, settings = load_run(directory, options["source"])
    size, names = settings["image_size"], settings["class_names"]
    found = []
    limits = options["skip_bad"], options["max_pixels"]
    for part, pixels in read_batches(paths, size, *limits):
        named = name_classes(
            model.predict_on_batch(pixels), names, options["top"]
        )
        answers = [
            {"image": str(path), "predictions": predictions}
            for path, predictions in zip(part, named, strict=True)
        ]
        found += answers
        if not options["as_json"]:
            _show(answers)
    if options["as_json"]:
        click.echo(json.dumps(found, indent=2))


def _show(answers: Sequence[dict[str, Any]]) -> None:
    for answer in answers:
        click.echo(answer["image"])
        show_classes(answer["predictions"])
