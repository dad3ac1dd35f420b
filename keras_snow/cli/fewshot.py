"""`keras-snow fewshot`: what a source makes of a few images of each class."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

import click

from keras_snow.cli.group import when_interrupted
from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import image_size_option
from keras_snow.cli.options import out_option
from keras_snow.cli.options import source_options
from keras_snow.cli.read_options import tell_task
from keras_snow.cli.run_options import engine_option
from keras_snow.cli.task_options import file_options
from keras_snow.cli.task_options import file_rules
from keras_snow.cli.typed import split_names
from keras_snow.cli.verb import Verb

if TYPE_CHECKING:
    from keras_snow.data import Task
    from keras_snow.fewshot import Learned
    from keras_snow.sources import Source


# Options that `FewShotOptions` knows by the same name.
_STUDY = (
    "ways",
    "shots",
    "queries",
    "features",
    "episodes",
    "class_splits",
    "on",
    "image_size",
    "seed",
)


def _numbers(
    context: click.Context, option: click.Parameter, value: str
) -> tuple[int, ...]:
    try:
        names = split_names(context, option, value) or []
        return tuple(int(name) for name in names)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not like 1,5,10.") from None


def _listed(name: str, default: str, text: str, **further: Any) -> Any:
    return click.option(
        f"--{name}",
        default=default,
        help=text,
        **{"callback": _numbers, "metavar": "NUMBER,...", **further},
    )


@click.command(cls=Verb)
@click.argument("task")
@click.option(
    "--source",
    metavar="NAME|FILE.keras|RUN",
    help="The frozen network. [default: that of the first --run, or resnet50]",
)
@source_options
@click.option(
    "--run",
    "runs",
    multiple=True,
    metavar="RUN_FOLDER",
    help="A SNOW run: its classes are the base classes, its head tells the "
    "`chosen` maps; repeatable, each a class split.",
)
@_listed("ways", "5", "Classes of an episode.")
@_listed("shots", "1,5,10", "Images of each class to learn from.")
@click.option("--queries", default=15)
@_listed(
    "features",
    "last,all",
    "last tap, all taps, or those maps that --run has chosen.",
    callback=split_names,
    metavar="NAME,...",
)
@_listed(
    "distance",
    "euclidean,cosine",
    "euclidean (squared), cosine, mahalanobis, parametric.",
    callback=split_names,
    metavar="NAME,...",
)
@click.option("--episodes", default=600)
@click.option(
    "--class-splits",
    default=4,
    help="Draws of base and novel classes; a folder with base/ and novel/ has "
    "its own.",
)
@click.option(
    "--on",
    default="novel",
    metavar="novel|validation",
    help="Classes to score: validation to choose a rule, then novel, once.",
)
@image_size_option
@click.option("--seed", default=0)
@out_option("fewshot/TASK")
@file_options("found by all of them")
@engine_option
@click.option("--quiet", is_flag=True, help="No progress.")
def fewshot(task: str, **options: Any) -> None:
    """Score prototypes of a few images of each class of TASK.

    TASK is a folder with base/ and novel/ (and validation/), whose classes have
    none in common, or what `train` takes: then half of its classes are drawn as
    base, and the others are novel. The source runs once over each image.
    Stopped at any moment, the same command goes on.

    \b
    Examples:
      keras-snow fewshot birds --source resnet50 --ways 5 --shots 1,5,10
      keras-snow fewshot birds --ways 5,10,20 --shots 1 --image-size 64
      keras-snow fewshot birds --distance euclidean,cosine,mahalanobis
      keras-snow fewshot birds --run runs/half --features last,all,chosen
    """
    load_keras()
    from keras_snow.core.files import file_name
    from keras_snow.fewshot import FewShotOptions
    from keras_snow.fewshot import few_shot
    from keras_snow.fewshot.rows import format_study
    from keras_snow.fewshot.study import check_study

    study = FewShotOptions(
        **{name: options[name] for name in _STUDY},
        distances=options["distance"],
        verbose=not options["quiet"],
    )
    if options["out"]:
        asked = {"settings.options": study.identity()}
        check_study(options["out"], asked)
    source, learned = _open_source(options)
    name, data = _read(task, options)
    out = options["out"] or f"fewshot/{file_name(name)}"
    when_interrupted(f"Stopped. The same command goes on with {out}.")
    record = few_shot(data, source, out, study, learned)
    click.echo(format_study(record))
    click.echo(f"record: {out}/fewshot.json, table: {out}/fewshot.md")


def _read(
    task: str, options: dict[str, Any]
) -> tuple[str, Task | dict[str, Task]]:
    """Returns the name of the task, and its sets of classes or itself."""
    from keras_snow.core.files import expand_home
    from keras_snow.data import load_task
    from keras_snow.data.class_sets import read_class_sets

    rules = file_rules(options)
    if sets := read_class_sets(task, **rules):
        for each in sets.values():
            tell_task(each, options["quiet"])
        return expand_home(task).resolve().name, sets
    whole = load_task(task, validation=0.0, test=0.0, **rules)
    tell_task(whole, options["quiet"])
    return whole.name, whole


def _open_source(options: dict[str, Any]) -> tuple[Source, list[Learned]]:
    """Returns the source, and what runs have learned on it."""
    from keras_snow.deltas.saved_delta import check_fingerprint
    from keras_snow.fewshot import Learned
    from keras_snow.models import SNOWModel
    from keras_snow.sources import load_source
    from keras_snow.training import load_run
    from keras_snow.training.engines import choose_engine

    made = [options[x] for x in ("weights", "taps", "input_scale")]
    source, learned = None, []
    if options["source"] is not None:
        source = load_source(options["source"], *made)
    for run in options["runs"]:
        model, settings = load_run(run, source)
        if not isinstance(model, SNOWModel):
            raise ValueError(
                "Only SNOW's runs choose maps of a source. Received: "
                f"run={run!r} of {type(model).__name__}"
            )
        source = source or model.source
        check_fingerprint(model.delta, source.select(model.delta.tap_names))
        learned.append(Learned(tuple(settings["class_names"]), model.delta))
    if source is None:
        source = load_source("resnet50", *made)
    source.engine = choose_engine(options["engine"]) or source.engine
    return source, learned
