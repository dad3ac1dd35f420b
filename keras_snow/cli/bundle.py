"""`keras-snow bundle`: one source with the deltas of many tasks."""

from __future__ import annotations

import json
from typing import Any

import click

from keras_snow.cli.group import SentenceGroup
from keras_snow.cli.images import find_images
from keras_snow.cli.images import images_option
from keras_snow.cli.images import read_batches
from keras_snow.cli.images import show_classes
from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import json_option
from keras_snow.cli.options import source_options
from keras_snow.cli.prototypes import make_prototypes
from keras_snow.cli.task_options import file_options
from keras_snow.cli.typed import bundle_folder
from keras_snow.cli.typed import names_or_file
from keras_snow.cli.typed import own_path
from keras_snow.cli.typed import split_names
from keras_snow.cli.verb import Verb


@click.group(cls=SentenceGroup)
def bundle() -> None:
    """Keep one source and the deltas of many tasks in a folder.

    A kill at any moment leaves the folder as it was before the change or after
    it.

    \b
    Example:
      keras-snow bundle create shop --source resnet50
      keras-snow bundle add shop birds runs/birds
      keras-snow bundle predict shop photo.jpg
    """


@bundle.command(cls=Verb)
@click.argument("directory", metavar="DIR", callback=own_path)
@click.option("--source", required=True, help="A name, a .keras file or a run.")
@source_options
def create(directory: str, source: str, **options: Any) -> None:
    """Make a bundle without tasks in DIR, a new or empty folder.

    \b
    Example:
      keras-snow bundle create shop --source my_network.keras
    """
    load_keras()
    from keras_snow.serving import Bundle
    from keras_snow.sources import load_source

    found = load_source(
        source, options["weights"], options["taps"], options["input_scale"]
    )
    Bundle(found).save(directory)
    click.echo(f"{directory}: {found.name}, {len(found.taps)} taps, no tasks")


@bundle.command(cls=Verb)
@click.argument("directory", metavar="DIR", callback=bundle_folder)
@click.argument("task")
@click.argument("delta", metavar="DELTA_FILE|RUN|IMAGES", callback=own_path)
@click.option("--version", type=int, help="Its version. [default: 1, or next]")
@click.option(
    "--class-names",
    metavar="NAME,NAME,...|FILE.txt",
    callback=names_or_file,
    help="Names of the classes in the order of the logits; of a file, one a "
    "line. [default: the run's]",
)
@click.option(
    "--image-size",
    type=int,
    metavar="PIXELS",
    help="A side of the images that it was trained on. [default: the run's]",
)
@click.option(
    "--replace", is_flag=True, help="Put it in the place of the task's delta."
)
@click.option(
    "--prototypes",
    is_flag=True,
    help="Make the delta of a few IMAGES, a folder with one folder a class, in "
    "seconds and without training.",
)
@click.option(
    "--base",
    metavar="FOLDER",
    help="With --prototypes: images of a dozen other classes or more. All taps "
    "are then read, weighed by these. [default: the last tap alone]",
)
@click.option(
    "--distance",
    metavar="NAME",
    help="With --prototypes: euclidean, cosine or mahalanobis. [default: "
    "mahalanobis with --base, else cosine]",
)
@file_options("the run's, or found by all IMAGES")
def add(directory: str, task: str, delta: str, **options: Any) -> None:
    """Add a TASK to the bundle in DIR.

    A run's folder brings the names of the classes, the size of the images and
    the range of their values; a delta's file alone has none of them. A few
    IMAGES of each class are enough with --prototypes; a trained delta can take
    their place later.

    \b
    Examples:
      keras-snow bundle add shop birds runs/birds
      keras-snow bundle add shop birds runs/birds2 --replace
      keras-snow bundle add shop tea tea.keras --class-names green,black \\
        --image-size 128
      keras-snow bundle add shop tea photos/ --prototypes
    """
    load_keras()
    from keras_snow.serving import Bundle

    opened = Bundle.load(directory)
    change = opened.replace if options["replace"] else opened.add
    facts = {
        name: options[name]
        for name in ("version", "class_names", "image_size", "value_range")
    }
    made: Any = delta
    if options["prototypes"]:
        made, found = make_prototypes(opened, delta, options)
        facts |= {name: found[name] for name in found if facts[name] is None}
    elif options["base"] or options["distance"] or options["skip_bad"]:
        raise ValueError(
            "`--base`, `--distance` and `--skip-bad` say how prototypes are "
            "made. Give `--prototypes`, too, or leave them out. Received: "
            f"base={options['base']!r}, distance={options['distance']!r}, "
            f"skip_bad={options['skip_bad']}"
        )
    added = change(task, made, **facts)
    click.echo(f"{directory}: {_describe(added)}")
    for remark in _unknown(added):
        click.echo(remark, err=True)
    _remark_on_engines(opened.tasks)


@bundle.command(cls=Verb)
@click.argument("directory", metavar="DIR", callback=bundle_folder)
@click.argument("task")
def remove(directory: str, task: str) -> None:
    """Remove TASK from the bundle in DIR; no other is touched.

    \b
    Example:
      keras-snow bundle remove shop birds
    """
    load_keras()
    from keras_snow.serving import Bundle

    Bundle.load(directory).remove(task)
    click.echo(f"{directory}: {task} removed")


@bundle.command(cls=Verb)
@click.argument("directory", metavar="DIR", callback=bundle_folder)
@click.argument("task")
@click.argument("new_name", metavar="NEW_NAME")
def rename(directory: str, task: str, new_name: str) -> None:
    """Give TASK of the bundle in DIR another name.

    \b
    Example:
      keras-snow bundle rename shop birds garden-birds
    """
    load_keras()
    from keras_snow.serving import Bundle

    Bundle.load(directory).rename(task, new_name)
    click.echo(f"{directory}: {task} is now {new_name}")


@bundle.command("list", cls=Verb)
@click.argument("directory", metavar="DIR", callback=bundle_folder)
@json_option
def list_tasks(directory: str, as_json: bool) -> None:
    """List the tasks of the bundle in DIR.

    \b
    Example:
      keras-snow bundle list shop --json
    """
    load_keras()
    from keras_snow.serving import Bundle

    tasks = Bundle.load(directory).tasks
    if as_json:
        click.echo(json.dumps([task.to_json() for task in tasks], indent=2))
        return
    for task in tasks:
        click.echo(_describe(task))
    _remark_on_engines(tasks)
    if not tasks:
        click.echo("no tasks", err=True)


@bundle.command(cls=Verb)
@click.argument("directory", metavar="DIR", callback=bundle_folder)
def verify(directory: str) -> None:
    """Hold the manifest of the bundle in DIR against source and deltas.

    \b
    Example:
      keras-snow bundle verify shop
    """
    load_keras()
    from keras_snow.serving import Bundle

    opened = Bundle.load(directory)
    problems = opened.verify()
    if problems:
        raise ValueError(" ".join(problems))
    if not len(opened):
        click.echo(f"{directory}: the source is intact; there are no tasks")
        return
    click.echo(f"{directory}: the source and {len(opened)} tasks are intact")


@bundle.command(cls=Verb)
@click.argument("directory", metavar="DIR", callback=bundle_folder)
@click.option(
    "--tasks",
    metavar="NAME,NAME,...",
    callback=split_names,
    help="Tasks to answer. [default: all]",
)
@images_option(top=1)
def predict(directory: str, images: tuple[str, ...], **options: Any) -> None:
    """Answer the tasks of the bundle in DIR for each IMAGE.

    An IMAGE may also be a folder, of which all images are taken. Tasks that
    were trained on images of one size share a pass of the source.

    \b
    Examples:
      keras-snow bundle predict shop photo.jpg
      keras-snow bundle predict shop holiday/ --tasks birds,scenes --json
    """
    load_keras()
    from keras_snow.data.value_range import common_range
    from keras_snow.serving import Bundle
    from keras_snow.serving.image_sizes import group_by_size
    from keras_snow.serving.name_classes import name_classes

    opened = Bundle.load(directory)
    asked = options["tasks"]
    tasks = [opened.task(name) for name in (opened if asked is None else asked)]
    if not tasks:
        raise ValueError(
            "There are no tasks to answer; add one with `keras-snow bundle "
            f"add`. Received: folder={directory!r}"
        )
    paths = find_images(images, options["skip_bad"])
    found: dict[str, dict[str, Any]] = {}
    limits = options["skip_bad"], options["max_pixels"]
    for size, names in group_by_size(tasks).items():
        value_range = options["value_range"] or common_range(
            opened.task(name).value_range for name in names
        )
        for part, pixels in read_batches(paths, size, *limits, value_range):
            logits = opened(pixels, names)
            for name in names:
                named = name_classes(
                    logits[name],
                    opened.task(name).class_names,
                    options["top"],
                    opened.task(name).thresholds,
                )
                for path, predictions in zip(part, named, strict=True):
                    found.setdefault(str(path), {})[name] = predictions
    _show(found, options["as_json"])


def _show(found: dict[str, dict[str, Any]], as_json: bool) -> None:
    if as_json:
        listed = [{"image": path, "tasks": found[path]} for path in found]
        click.echo(json.dumps(listed, indent=2))
        return
    for path, answers in found.items():
        click.echo(path)
        for name, predictions in answers.items():
            click.echo(f" {name}")
            show_classes(predictions)


def _remark_on_engines(tasks: Any) -> None:
    from keras_snow.serving.task_engines import remark_on_engines

    if remark := remark_on_engines(tasks):
        click.echo(remark, err=True)


def _unknown(task: Any) -> list[str]:
    """Returns what is taken where a delta's file did not say it."""
    from keras_snow.serving.image_sizes import IMAGE_SIZE

    remarks = []
    if task.class_names is None:
        remarks.append(
            "the names of its classes are not known, so they are numbers; "
            "name them with --class-names"
        )
    if task.image_size is None:
        remarks.append(
            "the size of its images is not known, so it is answered on "
            f"{IMAGE_SIZE} px; say it with --image-size"
        )
    return remarks


def _describe(task: Any) -> str:
    size = f", {task.image_size} px" if task.image_size else ""
    share = task.packing_deviation
    known = "an unknown share" if share is None else f"{share:.1e}"
    moved = f"packing moved its logits by {known} of the largest"
    engine = f", engine {task.engine or 'unknown'}"
    return (
        f"{task.name}  version {task.version}, {task.num_classes} classes"
        f"{size}, {task.size / 1e6:.1f} MB{engine}, {moved}"
    )
