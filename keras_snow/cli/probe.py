"""`keras-snow probe`: what a source's features are worth without a delta."""

from __future__ import annotations

import json
from typing import Any

import click

from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import image_size_option
from keras_snow.cli.options import json_option
from keras_snow.cli.options import network_options
from keras_snow.cli.read_options import read_task
from keras_snow.cli.run_options import engine_option
from keras_snow.cli.task_options import shots_option
from keras_snow.cli.task_options import task_options
from keras_snow.cli.verb import Verb
from keras_snow.core.measures import say_measures


@click.command(cls=Verb, long=True)
@click.argument("task")
@network_options
@click.option(
    "--levels",
    default="all",
    metavar="NAME",
    help="Read the maps of all taps, or of the last.",
)
@click.option(
    "--views",
    type=click.IntRange(1, 64),
    default=3,
    help="Views of each training image.",
)
@image_size_option
@click.option("--seed", default=0)
@task_options
@shots_option
@engine_option
@json_option
def probe(task: str, **options: Any) -> None:
    """Train a linear probe on TASK, the yardstick for a delta.

    A ridge regression on means and deviations of the source's maps, in closed
    form; its penalty is chosen by leaving training images out. A delta that
    stays below it is not worth its cost.

    \b
    Example:
      keras-snow probe birds --source model.keras --levels last
    """
    data = read_task(task, options)
    load_keras()
    from keras_snow.evaluation.linear_probe import linear_probe
    from keras_snow.sources import load_source
    from keras_snow.training.engines import choose_engine

    source = load_source(
        options["source"],
        options["weights"],
        options["taps"],
        options["input_scale"],
    )
    source.engine = choose_engine(options["engine"]) or source.engine
    result = linear_probe(
        source,
        data,
        options["image_size"],
        levels=options["levels"],
        views=options["views"],
        seed=options["seed"],
        verbose=not options["as_json"],
    )
    if options["as_json"]:
        click.echo(json.dumps(result))
        return
    click.echo(
        f"test {say_measures(result)} on "
        f"{result['count']} images; {result['features']} features of "
        f"{result['views']} views, penalty {result['penalty']:g}; "
        "left-out training images "
        f"{result.get('left_out_top1', result.get('left_out_map')):.1%}"
    )
