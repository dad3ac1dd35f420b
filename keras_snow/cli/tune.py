"""`keras-snow tune`: searches the settings of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource

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
from keras_snow.cli.typed import split_or_none
from keras_snow.cli.verb import Verb
from keras_snow.core.output_folder import check_output


@click.command(cls=Verb, long=True)
@click.argument("task")
@click.option(
    "--tuner",
    default="random",
    metavar="NAME",
    help="random, hyperband, bayesian or grid.",
)
@click.option(
    "--max-trials",
    type=int,
    help="Trials at most. [default: 20; all of Hyperband's or the grid's]",
)
@click.option(
    "--search",
    default="k,sigma,width,rate",
    metavar="NAME,...",
    callback=split_or_none,
    help="Ready spaces: k, sigma, width, rate, binding, head. Of the default, "
    "what --set fixes or --space has is left out.",
)
@click.option(
    "--space",
    multiple=True,
    metavar="NAME=VALUES",
    help="A space of your own: dropout=0,0.3 or sigma=0.001..0.1; repeatable.",
)
@fixed_option("all trials")
@click.option(
    "--side-by-side",
    type=int,
    help="Trials that share a pass of the source. [default: 8; 1 for bayesian]",
)
@network_options
@out_option("searches/TASK-TUNER")
@image_size_option
@click.option("--seed", default=0)
@recipe_options
@task_options
@run_options
def tune(task: str, **options: Any) -> None:
    """Search the settings of SNOW on a TASK with KerasTuner.

    The validation images judge; the test images are not looked at. A trial
    that diverges or does not fit into memory is marked as failed. Stopped at
    any moment, the same command goes on; a higher --max-trials goes further.

    \b
    Examples:
      keras-snow tune birds --max-trials 16 --out searches/birds
      keras-snow tune birds --tuner grid --search binding,head
      keras-snow tune birds --tuner hyperband --epochs 27 \\
        --search k,sigma --space rate=0.005..0.05
    """
    from keras_snow.core.files import file_name

    recipe = read_recipe(options)
    if options["out"]:
        check_output(options["out"], "search.json", "search")
    data = read_task(task, options)
    load_keras()
    from keras_snow.tuning import Dimension
    from keras_snow.tuning import TuneOptions
    from keras_snow.tuning import choose_space
    from keras_snow.tuning import tune as run_search
    from keras_snow.tuning.extra import require_tuner

    require_tuner()
    own = dict(_split(text) for text in options["space"])
    space = choose_space(
        _ready(options, own), {name: Dimension.read(own[name]) for name in own}
    )
    search = TuneOptions(
        tuner=options["tuner"],
        max_trials=options["max_trials"],
        side_by_side=options["side_by_side"],
        fixed=options["fixed"],
        seed=options["seed"],
    )
    place = f"searches/{file_name(data.name)}-{search.tuner}"
    out = options["out"] or place
    when_interrupted(f"Stopped. The same command goes on with {out}.")
    shared = read_sweep(options, data, recipe)
    _tell(run_search(data, space, out, search, shared), out, search.fixed)


def _ready(options: dict[str, Any], own: dict[str, str]) -> list[str]:
    """What is typed counts; the default makes room for the other options."""
    from keras_snow.tuning.setting import field_of

    taken = {field_of(name) for name in own}
    source = click.get_current_context().get_parameter_source("search")
    if source == ParameterSource.DEFAULT:
        taken |= {field_of(name) for name in options["fixed"]}
    return [x for x in options["search"] or [] if field_of(x) not in taken]


def _split(text: str) -> tuple[str, str]:
    name, equals, values = text.partition("=")
    if not equals or not name or not values:
        raise ValueError(
            "A space is `NAME=VALUE,VALUE` or `NAME=LOW..HIGH`. "
            f"Received: {text!r}"
        )
    return name, values


def _tell(table: Any, out: str, fixed: Mapping[str, Any]) -> None:
    from keras_snow.tuning.setting import field_of
    from keras_snow.tuning.trial_table import format_rows
    from keras_snow.tuning.workers import find_place

    if find_place().is_worker:
        click.echo(f"The search is over; the chief writes {out}/trials.md.")
        return
    best = table.best_row
    click.echo(format_rows(table.rows))
    click.echo(f"table:  {out}/trials.md, {out}/trials.json")
    click.echo(f"figure: tensorboard --logdir {out}/logs")
    click.echo(f"model:  {out}/runs/{best['run']}")
    chosen = {field_of(n): x for n, x in {**fixed, **best["settings"]}.items()}
    changes = " ".join(f"--set {name}={x}" for name, x in chosen.items())
    click.echo(f"next:   keras-snow train TASK {changes}")
