"""`keras-snow predict`: names what is on images."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import click

from keras_snow.cli.verb import Verb

BATCH = 32


@click.command(cls=Verb)
@click.argument("directory", metavar="DIR")
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Classes to name for each image.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--skip-bad",
    is_flag=True,
    help="Go on behind a file that can't be read, and list it.",
)
@click.option("--source", help="The source, if it is no longer where it was.")
def predict(directory: str, images: tuple[str, ...], **options: Any) -> None:
    """Name what is on each IMAGE, with the run in DIR.

    An IMAGE may also be a folder, of which all images are taken.

    \b
    Examples:
      keras-snow predict runs/birds photo.jpg
      keras-snow predict runs/birds holiday/ --top 1 --json
    """
    from keras_snow.training import load_run

    paths = list(find_images(images))
    model, settings = load_run(directory, options["source"])
    found = []
    for start in range(0, len(paths), BATCH):
        part = paths[start : start + BATCH]
        read = read_images(part, settings["image_size"], options["skip_bad"])
        answers = _answer(model, read, settings["class_names"], options["top"])
        found += answers
        if not options["as_json"]:
            _show(answers)
    if options["as_json"]:
        click.echo(json.dumps(found, indent=2))
    if not found:
        raise ValueError("None of the images can be read.")


def find_images(names: Sequence[str]) -> Iterator[pathlib.Path]:
    """Yields the named files, and the images of the named folders.

    Args:
        names: What the user typed.

    Raises:
        ValueError: If there are no images in a folder.
    """
    from PIL import Image

    endings = Image.registered_extensions()
    for name in names:
        path = pathlib.Path(name).expanduser()
        if not path.is_dir():
            yield path
            continue
        inside = [
            each
            for each in sorted(path.rglob("*"))
            if each.is_file() and each.suffix.lower() in endings
        ]
        if not inside:
            raise ValueError(
                f"There are no images in this folder. Received: {name!r}"
            )
        yield from inside


def read_images(
    paths: Sequence[pathlib.Path], image_size: int, skip_bad: bool
) -> list[tuple[pathlib.Path, Any]]:
    """Reads images as evaluation does.

    Args:
        paths: Their files.
        image_size: Pixels of a side.
        skip_bad: Whether to go on behind a file that can't be read.

    Returns:
        Each path with its pixels.

    Raises:
        ValueError: If a file can't be read.
        OSError: If there is none.
    """
    from keras_snow.data import evaluation_crop
    from keras_snow.data import read_image
    from keras_snow.data.augmentation import evaluation_side

    read = []
    for path in paths:
        try:
            image = read_image(path, shorter_side=evaluation_side(image_size))
        except (ValueError, OSError) as error:
            if not skip_bad:
                raise
            click.echo(f"skipped: {error}", err=True)
        else:
            read.append((path, evaluation_crop(image, image_size)))
    return read


def _answer(
    model: Any,
    read: Sequence[tuple[pathlib.Path, Any]],
    class_names: Sequence[str],
    top: int,
) -> list[dict[str, Any]]:
    import numpy as np

    from keras_snow.serving.name_classes import name_classes

    if not read:
        return []
    images = np.stack([image for _, image in read]).astype("float32")
    logits = model.predict_on_batch(images)
    named = name_classes(logits, class_names, top)
    return [
        {"image": str(path), "predictions": predictions}
        for (path, _), predictions in zip(read, named, strict=True)
    ]


def _show(answers: Sequence[dict[str, Any]]) -> None:
    for answer in answers:
        click.echo(answer["image"])
        show_classes(answer["predictions"])


def show_classes(predictions: Sequence[dict[str, Any]]) -> None:
    """Prints classes with their scores.

    Args:
        predictions: What `name_classes` returned for an image.
    """
    for each in predictions:
        click.echo(f"  {each['score']:6.1%}  {each['class']}")
