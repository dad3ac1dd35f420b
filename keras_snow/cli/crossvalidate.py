"""`keras-snow crossvalidate`: learning rate and stopping epoch of a method."""

from __future__ import annotations

from typing import Any

import click

from keras_snow.cli.group import when_interrupted
from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import image_size_option
from keras_snow.cli.options import network_options
from keras_snow.cli.options import out_option
from keras_snow.cli.read_options import read_taps
from keras_snow.cli.read_options import read_task
from keras_snow.cli.read_options import read_training
from keras_snow.cli.run_options import run_options
from keras_snow.cli.task_options import task_options
from keras_snow.cli.typed import split_or_none
from keras_snow.cli.verb import Verb
from keras_snow.core.method_names import check_method
from keras_snow.core.output_folder import check_output

_STUDY = (
    "weights",
    "input_scale",
    "image_size",
    "epochs",
    "batch_size",
    "momentum",
    "weight_decay",
    "augmentation",
    "normalise",
    "seed",
    "pictures",
)


def _read_rates(
    context: click.Context, option: click.Parameter, value: str
) -> list[float]:
    names = split_or_none(context, option, value) or []
    try:
        return [float(name) for name in names]
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from None


@click.command(
    cls=Verb,
    long=True,
    context_settings={"default_map": {"validation": 0.2, "split_seed": 42}},
)
@click.argument("task")
@click.option(
    "--method",
    default="ft",
    metavar="NAME",
    help="ft (fine-tuning), fo (the final layer only), scratch, ...; an "
    "unknown name lists them all.",
)
@click.option(
    "--rates",
    default="0.03,0.01,0.003,0.001,0.0001",
    metavar="RATE,RATE,...",
    callback=_read_rates,
    help="Constant learning rates to try.",
)
@click.option(
    "--epochs",
    default=50,
    help="The last epoch that training may stop at.",
)
@network_options
@out_option("crossvalidation/TASK-METHOD")
@image_size_option
@click.option("--batch-size", default=8)
@click.option("--momentum", default=0.0)
@click.option("--weight-decay", default=0.0)
@click.option(
    "--augmentation",
    default="none",
    metavar="NAME",
    help="none, flip, near, crop, strong or varied.",
)
@click.option(
    "--normalise",
    default="source",
    metavar="source|data",
    help="Preprocess pixels as the source's weights expect them, or bring the "
    "training images' mean and deviation to ImageNet's before that.",
)
@click.option(
    "--seed",
    default=42,
    help="Of initial weights, order and augmentation.",
)
@click.option(
    "--pictures",
    default=12,
    help="Mistakes to draw at most.",
)
@task_options
@run_options
def crossvalidate(task: str, **options: Any) -> None:
    """Choose learning rate and stopping epoch for one TASK, then test once.

    The method is trained with each constant learning rate and scored on the
    validation images after each epoch. The best rate and epoch are kept, and
    that model alone sees the test images. Draws the curves of all rates and
    some of the mistakes. Stopped at any moment, the same command goes on.

    \b
    Examples:
      keras-snow crossvalidate birds --method ft --epochs 30 --out cv/birds
      keras-snow crossvalidate birds --method scratch --normalise data \\
        --rates 0.03,0.01,0.003 --augmentation crop --image-size 128
    """
    from keras_snow.core.files import file_name

    method, rates = check_method(options["method"]), options["rates"]
    known = {"kind": "crossvalidation", "method": method, "rates": rates}
    if options["out"]:
        check_output(options["out"], "run.json", "run", known)
    data = read_task(task, options)
    place = f"crossvalidation/{file_name(data.name)}-{method}"
    out = options["out"] or place
    check_output(out, "run.json", "run", known)
    load_keras()
    from keras_snow.reports import cross_validate
    from keras_snow.reports.cross_validation_report import format_summary

    study = _read_study(options)
    when_interrupted(
        f"Stopped. The same command goes on; what is finished is in {out}."
    )
    record = cross_validate(data, method, options["source"], rates, out, study)
    if record["chosen"] is None:
        raise ValueError(record["problem"])
    click.echo(format_summary(record))
    click.echo(f"report: {out}/crossvalidation.md")


def _read_study(options: dict[str, Any]) -> Any:
    from keras_snow.reports import CrossValidationOptions

    return CrossValidationOptions(
        **{name: options[name] for name in _STUDY},
        taps=read_taps(options),
        training=read_training(options, tensorboard=False),
    )
