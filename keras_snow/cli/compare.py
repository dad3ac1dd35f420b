"""`keras-snow compare`: methods on the same tasks, in one table."""

from __future__ import annotations

from typing import Any

import click

from keras_snow.cli.group import when_interrupted
from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import budget_options
from keras_snow.cli.options import fixed_option
from keras_snow.cli.options import image_size_option
from keras_snow.cli.options import network_options
from keras_snow.cli.read_options import read_recipe
from keras_snow.cli.read_options import read_taps
from keras_snow.cli.run_options import engine_option
from keras_snow.cli.run_options import precision_option
from keras_snow.cli.task_options import task_options
from keras_snow.cli.typed import own_path
from keras_snow.cli.typed import split_names
from keras_snow.cli.verb import Verb
from keras_snow.core.measures import main_measure
from keras_snow.core.method_names import check_method
from keras_snow.core.output_folder import check_output
from keras_snow.data.catalogue import check_task

_NOT_OPTIONS = (
    "source",
    "sources",
    "methods",
    "subscriptions",
    "fixed",
    "seeds",
    "out",
    "quiet",
    "taps",
)


@click.command(cls=Verb, long=True)
@click.argument("tasks", metavar="TASK...", nargs=-1, required=True)
@click.option(
    "--methods",
    metavar="NAME,NAME,...",
    callback=split_names,
    help="Ways to learn a task; an unknown name lists them all. [default: "
    "snow,fo,fe,ft,mp_bn,lora,probe_last,probe_all]",
)
@click.option(
    "--subscriptions",
    default="channel_pooling",
    metavar="NAME,NAME,...",
    callback=split_names,
    help="For SNOW: channel_pooling, pointwise, attention, all.",
)
@fixed_option("SNOW's deltas, such as head_k=None")
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=3,
    metavar="N",
    help="Runs of each method, with the seeds 0 to N - 1.",
)
@network_options
@click.option(
    "--sources",
    metavar="NAME,RUN,...",
    callback=split_names,
    help="Several sources, each read by every method, instead of --source; "
    "none among them is the network of the others with random weights.",
)
@click.option(
    "--out",
    type=click.Path(),
    default="comparison",
    metavar="DIR",
    callback=own_path,
    help="Where runs, table and figure are kept.",
)
@image_size_option
@budget_options
@click.option(
    "--tune-rate/--no-tune-rate",
    default=True,
    help="Choose each method's learning rate on the validation images, or "
    "take the recipe's (the paper's with `--recipe paper`).",
)
@click.option(
    "--tune-epochs",
    type=int,
    help="Epochs of a trial of a rate. [default: half of the epochs]",
)
@task_options
@click.option(
    "--cache-taps",
    default=0,
    metavar="VIEWS",
    help="Train what reads a frozen source on kept maps of so many views of an "
    "image; images/s are then marked as those without the source; 0: off.",
)
@click.option(
    "--tap-folder",
    metavar="DIR",
    callback=own_path,
    help="Where all runs share these maps.",
)
@click.option(
    "--cache-limit",
    "cache_limit_gb",
    default=8.0,
    metavar="GB",
    help="Most that the kept maps of a run may take.",
)
@precision_option
@engine_option
@click.option("--quiet", is_flag=True, help="No progress.")
def compare(tasks: tuple[str, ...], **options: Any) -> None:
    """Compare methods on one TASK or several, in one table and one figure.

    Accuracy with its interval over seeds, parameters, images a second, memory
    and time. Each run is a process of its own, so that its memory can be
    measured. What is finished is not done again; a method that fails is
    reported and does not stop the others.

    \b
    Examples:
      keras-snow compare birds cars --methods snow,fo,ft --out compared
      keras-snow compare dtd --methods snow --seeds 1 \\
        --subscriptions channel_pooling,pointwise,attention,all
      keras-snow compare birds --sources none,runs/labels,runs/byol \\
        --methods ft,fo,snow,probe_all --image-size 32
    """
    for method in options["methods"] or ():
        check_method(method)
    for task in tasks:
        check_task(task)
    read_recipe(options)
    out = options["out"]
    check_output(out, "comparison.json", "comparison", own=("log.txt",))
    load_keras()
    from keras_snow.reports import CompareOptions
    from keras_snow.reports import compare as run_comparison
    from keras_snow.reports.compare import DEFAULT_METHODS
    from keras_snow.reports.tables import format_summary

    when_interrupted(
        f"Stopped. The same command goes on; what is finished is in {out}."
    )
    further = {k: v for k, v in options.items() if k not in _NOT_OPTIONS}
    result = run_comparison(
        tasks,
        options["sources"] or options["source"],
        options["methods"] or DEFAULT_METHODS,
        options["subscriptions"],
        range(options["seeds"]),
        out,
        CompareOptions(
            taps=read_taps(options),
            delta_settings=options["fixed"],
            verbose=not options["quiet"],
            **further,
        ),
    )
    click.echo(format_summary(result))
    click.echo(f"report: {out}/compare.md")
    if not any(main_measure(row) in row for row in result["rows"]):
        raise ValueError(f"No run has finished. {result['rows'][0]['problem']}")
