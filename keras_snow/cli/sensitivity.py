"""`keras-snow sensitivity`: what K, width and sigma are worth on a task."""

from __future__ import annotations

from typing import Any

import click

from keras_snow.cli.group import when_interrupted
from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import fixed_option
from keras_snow.cli.options import image_size_option
from keras_snow.cli.options import network_options
from keras_snow.cli.options import out_option
from keras_snow.cli.options import recipe_options
from keras_snow.cli.read_options import read_recipe
from keras_snow.cli.read_options import read_sweep
from keras_snow.cli.read_options import read_task
from keras_snow.cli.run_options import run_options
from keras_snow.cli.task_options import task_options
from keras_snow.cli.typed import split_names
from keras_snow.cli.verb import Verb


def _read_seeds(
    context: click.Context, option: click.Parameter, value: str
) -> list[int]:
    try:
        return [int(x) for x in split_names(context, option, value) or []]
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from None


@click.command(cls=Verb, long=True)
@click.argument("task")
@click.option(
    "--only",
    default="k,width,sigma",
    metavar="NAME,...",
    callback=split_names,
    help="What to change.",
)
@click.option(
    "--seeds",
    default="0",
    metavar="SEED,...",
    callback=_read_seeds,
    help="Seeds of initial weights, noise and dropout.",
)
@fixed_option("all runs, such as head_k=None")
@network_options
@out_option("sensitivity/TASK")
@image_size_option
@click.option(
    "--seed",
    default=0,
    help="Of order and augmentation.",
)
@recipe_options
@task_options
@run_options
def sensitivity(task: str, **options: Any) -> None:
    """Change K, width and sigma one at a time (the paper's Table 4).

    K of N/4, N/8, N/16; width of M/4, M/8, M/16; sigma^2 of 1e-1, 1e-3, 1e-5,
    1e-7, and sigma=auto. All train side by side, from one pass of the source.
    Stopped at any moment, the same command goes on.

    \b
    Examples:
      keras-snow sensitivity birds --out sensitivity/birds
      keras-snow sensitivity birds --only sigma --seeds 0,1,2
    """
    from keras_snow.core.files import file_name

    recipe = read_recipe(options)
    data = read_task(task, options)
    load_keras()
    from keras_snow.reports.sensitivity import format_rows
    from keras_snow.reports.sensitivity import sensitivity as run_settings

    place = f"sensitivity/{file_name(data.name)}"
    out = options["out"] or place
    when_interrupted(f"Stopped. The same command goes on with {out}.")
    shared = read_sweep(options, data, recipe)
    rows = run_settings(
        data, out, shared, options["only"], options["seeds"], options["fixed"]
    )
    click.echo(format_rows(rows))
    click.echo(f"table: {out}/sensitivity.md, {out}/sensitivity.json")
