"""`keras-snow lifelong`: tasks learned one after another."""

from __future__ import annotations

from typing import Any

import click

from keras_snow.cli.group import when_interrupted
from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import image_size_option
from keras_snow.cli.options import network_options
from keras_snow.cli.options import out_option
from keras_snow.cli.options import recipe_options
from keras_snow.cli.options import snow_options
from keras_snow.cli.read_options import read_taps
from keras_snow.cli.read_options import read_task
from keras_snow.cli.read_options import read_training
from keras_snow.cli.run_options import run_options
from keras_snow.cli.task_options import task_options
from keras_snow.cli.train import Choice
from keras_snow.cli.train import read_choice
from keras_snow.cli.typed import split_names
from keras_snow.cli.verb import Verb
from keras_snow.core.method_names import SEQUENCES
from keras_snow.core.method_names import check_method
from keras_snow.core.output_folder import check_output


@click.command(cls=Verb, long=True)
@click.argument("tasks", metavar="TASK TASK ...", nargs=-1, required=True)
@click.option(
    "--method",
    "methods",
    default="snow",
    metavar="NAME,...",
    callback=split_names,
    help="snow, fo, ft (a network for each task), ...; ft_shared (one body, "
    "fine-tuned in sequence) or lf (the same, with distillation); an unknown "
    "name lists them all. Several are set beside each other.",
)
@click.option(
    "--reversed",
    "both",
    is_flag=True,
    help="Also learn the tasks in the reverse order.",
)
@network_options
@out_option("lifelong/METHOD, or lifelong if there are several")
@image_size_option
@click.option("--seed", default=0)
@click.option(
    "--start",
    default="source",
    metavar="source|random|none",
    help="What forward transfer is measured from; none leaves it out.",
)
@click.option(
    "--recheck",
    type=int,
    metavar="N",
    help="Compare the answers to earlier tasks bit for bit on N test images "
    "each. [default: all of them]",
)
@click.option(
    "--route",
    "routed",
    is_flag=True,
    help="Also fit a router that tells which task an image belongs to, and "
    "report accuracy with the task told and not told.",
)
@click.option(
    "--accept",
    default=0.95,
    metavar="SHARE",
    help="Share of a task's own images that the router is to accept.",
)
@click.option(
    "--foreign",
    multiple=True,
    metavar="TASK",
    help="Images that belong to none of the tasks, for the router's report; "
    "repeatable.",
)
@snow_options
@recipe_options
@task_options
@run_options
def lifelong(tasks: tuple[str, ...], **options: Any) -> None:
    """Learn TASKs one after another, and measure all of them after each.

    Accuracy on each task after each task, average accuracy, average
    incremental accuracy, forgetting, backward and forward transfer, and the
    cost of a task: as a page, CSV, JSON and figures. Stopped at any moment,
    the same command goes on.

    \b
    Examples:
      keras-snow lifelong birds cars food --method snow --out seq/snow --route
      keras-snow lifelong birds cars food --method lf --epochs 5 --out seq/lf
      keras-snow lifelong birds cars food --method snow,lf --reversed --out seq
    """
    methods = options["methods"]
    for method in methods:
        single = SEQUENCES.get(check_method(method, sequences=True), method)
        choice = read_choice({**options, "method": single})
    _check_routing(options)
    several = options["both"] or len(methods) > 1
    out = options["out"] or ("lifelong" if several else f"lifelong/{method}")
    if not several:
        known = {"kind": "lifelong", "method": method}
        check_output(out, "run.json", "run", known)
    sequence = [read_task(task, options) for task in tasks]
    strangers = [read_task(task, options) for task in options["foreign"]]
    load_keras()
    from keras_snow.lifelong.several import check_methods

    check_methods(methods)
    study = _read_study(choice, options)
    when_interrupted(
        f"Stopped. The same command goes on; what is finished is in {out}."
    )
    source = choice.source["spec"]
    if several:
        _learn_several(sequence, source, out, study, options)
        return
    _learn_one(sequence, source, out, study, options)
    if options["routed"]:
        _route(sequence, source, out, strangers, study, options["accept"])


def _learn_one(
    sequence: Any, source: Any, out: str, study: Any, options: dict[str, Any]
) -> None:
    from keras_snow.lifelong import learn
    from keras_snow.lifelong.report import PAGE
    from keras_snow.lifelong.report import format_summary

    (method,) = options["methods"]
    record = learn(sequence, method, source, out, study)
    click.echo(format_summary(record))
    click.echo(f"report: {out}/{PAGE}")


def _learn_several(
    sequence: Any, source: Any, out: str, study: Any, options: dict[str, Any]
) -> None:
    from keras_snow.lifelong import learn_several
    from keras_snow.lifelong.several import PAGE
    from keras_snow.lifelong.several import format_comparison

    orders = ("given", "reversed") if options["both"] else ("given",)
    records = learn_several(
        sequence, options["methods"], source, out, study, orders
    )
    click.echo(format_comparison(records))
    click.echo(f"report: {out}/{PAGE}")


def _route(
    sequence: Any,
    source: Any,
    out: str,
    strangers: Any,
    study: Any,
    level: float,
) -> None:
    from keras_snow.lifelong import route
    from keras_snow.lifelong.routing import format_routing

    found = route(sequence, source, out, strangers, level, study)
    click.echo(f"\n{format_routing(found)}")


def _check_routing(options: dict[str, Any]) -> None:
    """Before hours of training, not behind them."""
    if not 0.0 < options["accept"] < 1.0:
        raise ValueError(
            "The share to accept lies above 0 and below 1. Received: "
            f"accept={options['accept']}"
        )
    if options["routed"] and not options["validation"] > 0:
        raise ValueError(
            "The router's thresholds are chosen on validation images. Hold "
            f"some out. Received: validation={options['validation']}"
        )
    several = options["both"] or len(options["methods"]) > 1
    if options["routed"] and several:
        raise ValueError(
            "A router goes with one method in one order. Received: "
            f"methods={options['methods']}, reversed={options['both']}"
        )
    if options["foreign"] and not options["routed"]:
        raise ValueError(
            "Foreign images are for the router. Add `--route`. Received: "
            f"foreign={list(options['foreign'])}"
        )


def _read_study(choice: Choice, options: dict[str, Any]) -> Any:
    from keras_snow.lifelong import LifelongOptions

    recipe = dict(choice.recipe)
    return LifelongOptions(
        weights=choice.source["weights"],
        taps=read_taps(choice.source),
        input_scale=choice.source["input_scale"],
        image_size=options["image_size"],
        seed=options["seed"],
        recipe=recipe.pop("preset"),
        changes=recipe,
        # A method that takes the seed is told it anyway, others must not be.
        settings={k: v for k, v in choice.settings.items() if k != "seed"},
        start=options["start"],
        recheck=options["recheck"],
        training=read_training(options, tensorboard=False),
    )
