"""`keras-snow evaluate`: measures a trained task on a data set."""

from __future__ import annotations

import json
from typing import Any

import click

from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import json_option
from keras_snow.cli.options import moved_source_option
from keras_snow.cli.read_options import read_task
from keras_snow.cli.task_options import learned_task_options
from keras_snow.cli.typed import own_path
from keras_snow.cli.verb import Verb
from keras_snow.core.measures import say_measures


@click.command(cls=Verb)
@click.argument("directory", metavar="DIR", callback=own_path)
@click.argument("task")
@click.option(
    "--split",
    default="test",
    metavar="NAME",
    help="train, validation or test.",
)
@click.option("--batch-size", default=32)
@learned_task_options
@moved_source_option
@json_option
def evaluate(directory: str, task: str, **options: Any) -> None:
    """Measure the run in DIR on a TASK.

    Without a test split of its own TASK is split as it was for the run, so
    the images of the test part are those that the run has not seen.

    \b
    Example:
      keras-snow evaluate runs/birds birds --split validation
    """
    from keras_snow.core.finished_run import read_settings
    from keras_snow.data.task_checks import check_classes

    settings = read_settings(directory)
    data = read_task(task, options, settings)
    check_classes(data.class_names, tuple(settings["class_names"]))
    data.split(options["split"])
    load_keras()
    from keras_snow.evaluation import evaluate as measure
    from keras_snow.training import load_run

    model, _ = load_run(directory, options["source"])
    result = measure(
        model,
        data,
        options["split"],
        settings["image_size"],
        options["batch_size"],
        thresholds=settings.get("thresholds"),
    )
    if options["as_json"]:
        click.echo(json.dumps({"split": options["split"], **result}))
        return
    click.echo(
        f"{options['split']}: {say_measures(result)}, "
        f"loss {result['loss']:.3f} "
        f"of {result['count']} images"
    )
