"""`keras-snow route`: which task an image belongs to, and its answer."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

import click

from keras_snow.cli.images import find_images
from keras_snow.cli.images import images_option
from keras_snow.cli.images import read_batches
from keras_snow.cli.images import show_classes
from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import moved_source_option
from keras_snow.cli.typed import own_path
from keras_snow.cli.verb import Verb

if TYPE_CHECKING:
    from keras_snow.lifelong import RoutedAnswer


@dataclasses.dataclass(frozen=True)
class Routed:
    """What answers images when nobody says their task.

    Args:
        image_size: Pixels of a side of the images.
        class_names: By task; None where they are not known.
        value_range: What is black and what is white in images of more than 8
            bits, if it is one for all tasks.
        answer: From raw RGB, `(batch, height, width, 3)`, to what is said.
    """

    image_size: int
    class_names: Mapping[str, Sequence[str] | None]
    value_range: Sequence[float] | None
    answer: Callable[[Any], list[RoutedAnswer]]


@click.command(cls=Verb)
@click.argument("directory", metavar="DIR", callback=own_path)
@images_option(top=1)
@click.option(
    "--router",
    metavar="FILE.npz",
    callback=own_path,
    help="The router, if DIR is a bundle: router.npz of a sequence that was "
    "learned from the bundle's source.",
)
@moved_source_option
def route(directory: str, images: tuple[str, ...], **options: Any) -> None:
    """Say to which task each IMAGE belongs, and what that task answers.

    DIR is what `keras-snow lifelong --route` left, or a bundle with --router.
    An image that is farther from every task than its threshold belongs to none
    of them. An IMAGE may also be a folder, of which all images are taken.

    \b
    Examples:
      keras-snow route seq/snow photo.jpg
      keras-snow route seq/snow holiday/ --top 3 --json
      keras-snow route shop photo.jpg --router seq/snow/router.npz
    """
    paths = find_images(images, options["skip_bad"])
    load_keras()
    opened = _open(directory, options["router"], options["source"])
    size = opened.image_size
    found = []
    limits = options["skip_bad"], options["max_pixels"]
    value_range = options["value_range"] or opened.value_range
    for part, pixels in read_batches(paths, size, *limits, value_range):
        for path, answer in zip(part, opened.answer(pixels), strict=True):
            said = {
                "image": str(path),
                **answer.choice.to_json(),
                "predictions": _name(answer, opened, options["top"]),
            }
            found.append(said)
            if not options["as_json"]:
                _show(said)
    if options["as_json"]:
        click.echo(json.dumps(found, indent=2))


def _open(directory: str, router: str | None, source: str | None) -> Routed:
    from keras_snow.serving.bundle_folder import BundleFolder

    if router is not None:
        return _open_bundle(directory, router, source)
    if BundleFolder(directory).manifest.is_file():
        raise ValueError(
            "A bundle has no router of its own. Name that of a sequence with "
            f"`--router seq/router.npz`. Received: DIR={directory!r}"
        )
    return _open_sequence(directory, source)


def _open_sequence(directory: str, source: str | None) -> Routed:
    from keras_snow.lifelong import SavedSequence

    sequence = SavedSequence(directory, source)
    return Routed(
        sequence.router.image_size,
        sequence.class_names,
        sequence.value_range,
        sequence.answer,
    )


def _open_bundle(directory: str, path: str, source: str | None) -> Routed:
    from keras_snow.data.value_range import common_range
    from keras_snow.lifelong import TaskRouter
    from keras_snow.lifelong import answer_routed
    from keras_snow.serving import Bundle

    if source is not None:
        raise ValueError(
            "A bundle has its own source. Leave it out. Received: --source "
            f"{source}"
        )
    bundle = Bundle.load(directory)
    router = TaskRouter.load(path, bundle.source)
    for name in router.tasks:
        size = bundle.task(name).image_size
        if size not in (None, router.image_size):
            raise ValueError(
                "The router reads images of another size than a task was "
                f"trained on. Received: {router.image_size} px for the "
                f"router, {size} px for {name!r}"
            )
    return Routed(
        router.image_size,
        {task.name: task.class_names for task in bundle.tasks},
        common_range(bundle.task(name).value_range for name in router.tasks),
        lambda images: answer_routed(bundle, router, images),
    )


def _name(
    answer: RoutedAnswer, opened: Routed, top: int
) -> list[dict[str, Any]]:
    from keras_snow.serving.name_classes import name_classes

    if answer.task is None or answer.logits is None:
        return []
    names = opened.class_names[answer.task]
    return name_classes(answer.logits[None], names, top)[0]


def _show(said: dict[str, Any]) -> None:
    limit = math.inf if said["threshold"] is None else said["threshold"]
    place = f"distance {said['distance']:.1f}, taken up to {limit:.1f}"
    click.echo(said["image"])
    if said["task"] is None:
        click.echo(f" none of these (nearest: {said['nearest']}; {place})")
        return
    click.echo(f" {said['task']} ({place})")
    show_classes(said["predictions"])
