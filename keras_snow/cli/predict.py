"""`keras-snow predict`: names what is on images."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

import click

from keras_snow.cli.images import find_images
from keras_snow.cli.images import images_option
from keras_snow.cli.images import read_batches
from keras_snow.cli.images import show_classes
from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import moved_source_option
from keras_snow.cli.typed import run_folder
from keras_snow.cli.verb import Verb


@click.command(cls=Verb)
@click.argument("directory", metavar="DIR", callback=run_folder)
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
    from keras_snow.core.finished_run import read_settings

    paths = find_images(images, options["skip_bad"])
    settings = read_settings(directory)
    size, names = settings["image_size"], settings["class_names"]
    limits = options["skip_bad"], options["max_pixels"]
    value_range = options["value_range"] or settings.get("value_range")
    batches = read_batches(paths, size, *limits, value_range)
    # A file that can't be read is named before Keras is loaded.
    batches = itertools.chain([next(batches)], batches)
    load_keras()
    from keras_snow.evaluation.answers import answer_batches
    from keras_snow.serving.name_classes import name_classes
    from keras_snow.training import load_run

    model, _ = load_run(directory, options["source"])
    given, asked = itertools.tee(batches)
    logits = answer_batches(model, (pixels for _, pixels in asked))
    found = []
    for (part, _), answered in zip(given, logits, strict=True):
        named = name_classes(
            answered, names, options["top"], settings.get("thresholds")
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
