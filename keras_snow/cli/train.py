"""`keras-snow train`: learns a task, evaluates and saves it."""

from __future__ import annotations

import dataclasses
import inspect
import pathlib
from typing import TYPE_CHECKING
from typing import Any

import click

from keras_snow.cli.group import when_interrupted
from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import image_size_option
from keras_snow.cli.options import network_options
from keras_snow.cli.options import out_option
from keras_snow.cli.options import profile_option
from keras_snow.cli.options import recipe_options
from keras_snow.cli.options import snow_options
from keras_snow.cli.read_options import names_several
from keras_snow.cli.read_options import read_tasks
from keras_snow.cli.read_options import read_training
from keras_snow.cli.run_options import init_option
from keras_snow.cli.run_options import run_options
from keras_snow.cli.task_options import shots_option
from keras_snow.cli.task_options import task_options
from keras_snow.cli.verb import Verb
from keras_snow.core.measures import say_measures
from keras_snow.core.method_names import check_method
from keras_snow.core.output_folder import check_output
from keras_snow.core.registry import nearest_names

if TYPE_CHECKING:
    from keras_snow.data import Task


@dataclasses.dataclass(frozen=True)
class Choice:
    """What the user asked for, by what it is about."""

    method: str
    source: dict[str, Any]
    recipe: dict[str, Any]
    settings: dict[str, Any]


# Of a run, under the names of the options.
_IDENTITY = ("image_size", "seed", "cache_taps", "settle_after")


@click.command(cls=Verb, long=True)
@click.argument("task")
@click.option(
    "--method",
    default="snow",
    metavar="NAME",
    help="snow, fo (the final layer only), ft (fine-tuning), ...; an "
    "unknown name lists them all.",
)
@network_options
@out_option("runs/TASK-METHOD")
@image_size_option
@click.option("--seed", default=0)
@snow_options
@recipe_options
@task_options
@shots_option
@init_option
@run_options
@profile_option
def train(task: str, **options: Any) -> None:
    """Train, evaluate and save a TASK.

    TASK is a folder with one folder of images a class (or train/ and test/
    with such folders), a .csv of paths and labels, an .npz of arrays, a data
    set of TensorFlow Datasets such as dtd, or demo:NAME. Several columns of
    labels are several tasks on the same images, a run each.

    Stopped at any moment, the same command goes on after the last epoch.

    \b
    Examples:
      keras-snow train birds --out runs/birds
      keras-snow train birds --source mobilenetv2 --image-size 128
      keras-snow train dtd --method fo --recipe small --epochs 20
      keras-snow train shirts.csv --label-column colour,size --out runs/shirts
      keras-snow train birds --epochs 30 --cache-taps 1 --settle-after 10
      srun keras-snow train birds --strategy multi_host  (KERAS_BACKEND=jax)
    """
    from keras_snow.core.files import file_name

    choice = read_choice(options)
    several = names_several(options)
    if options["out"] and not several:
        known = _identify(choice, options)
        check_output(options["out"], "run.json", "run", known)
    for data in read_tasks(task, options):
        out = f"runs/{file_name(data.name)}-{choice.method}"
        if options["out"]:
            out = options["out"]
            out += f"/{file_name(data.name)}" if several else ""
        _train(choice, data, out, options)


def _train(
    choice: Choice, data: Task, out: str, options: dict[str, Any]
) -> None:
    """Learns a task in a folder."""
    from keras_snow.data.cache import choose_cache
    from keras_snow.data.describe_task import describe_task

    known = _identify(choice, options)
    known["task"] = describe_task(data)
    check_output(out, "run.json", "run", known)
    when_interrupted(f"Stopped. What was learned is kept in {out}.")
    load_keras()
    from keras_snow.training import this_host
    from keras_snow.training import train as run_training

    record = run_training(
        lambda: _build(choice, data.num_classes),
        data,
        _recipe(choice, len(data.labels("train"))),
        out=out,
        image_size=options["image_size"],
        seed=options["seed"],
        config=read_training(
            options,
            method=choice.method,
            source=str(choice.source["spec"]),
            weights=choice.source["weights"],
            notes=known["notes"],
            init=options["init"],
            cache=choose_cache(options["cache"], data, options["image_size"]),
            profile=options["profile"],
        ),
    )
    if this_host().first:
        _tell(record, pathlib.Path(out))


def read_choice(options: dict[str, Any]) -> Choice:
    """Sorts the options, and refuses bad ones before any data is read."""
    from keras_snow.recipes import Recipe
    from keras_snow.sources.origin import origin_of

    method = check_method(options["method"])
    further = dict(options["settings"])
    fields = [field.name for field in dataclasses.fields(Recipe)]
    given = {name: options.get(name) for name in fields}
    recipe = {name: v for name, v in given.items() if v is not None}
    recipe |= {name: further.pop(name) for name in fields if name in further}
    _check_recipe(options["recipe"], recipe)
    recipe["preset"] = options["recipe"]
    names = ("k", "sigma", "width", "subscription", "binding")
    named = {name: options[name] for name in names}
    settings = {n: v for n, v in named.items() if v is not None} | further
    settings = _check_settings(method, settings, options["seed"])
    # A run is used from other folders, too.
    origin = origin_of(options["source"], options["weights"])
    source = {
        "spec": origin.spec if origin else options["source"],
        "weights": origin and origin.weights,
        "taps": options["taps"],
        "input_scale": options["input_scale"],
    }
    return Choice(method, source, recipe, settings)


def _check_recipe(preset: str | None, changes: dict[str, Any]) -> None:
    from keras_snow.recipes import recipe_for
    from keras_snow.recipes import recipes

    (recipes.get(preset) if preset else recipe_for(1)).replace(**changes)


def _check_settings(
    method: str, settings: dict[str, Any], seed: int
) -> dict[str, Any]:
    """Returns the settings, with the seed if the method takes one."""
    from keras_snow.deltas import DeltaSettings
    from keras_snow.recipes import Recipe

    if method == "snow":
        known = [field.name for field in dataclasses.fields(DeltaSettings)]
    else:
        known = _parameters_of(method)
    others = [field.name for field in dataclasses.fields(Recipe)]
    for name in settings:
        if name not in known:
            raise ValueError(
                f"The method {method!r} has no such setting, nor has a recipe. "
                f"{nearest_names(name, [*known, *others[1:]])} "
                f"Received: {name}={settings[name]!r}"
            )
    if "seed" in known:
        settings = {"seed": seed, **settings}
    if method == "snow":
        DeltaSettings.from_options(**settings)
    return settings


def _parameters_of(method: str) -> list[str]:
    """Returns what the function of a method takes beside source and classes."""
    load_keras()
    from keras_snow.baselines import METHODS

    parameters = inspect.signature(METHODS.get(method).build).parameters
    return list(parameters)[2:]


def _identify(choice: Choice, options: dict[str, Any]) -> dict[str, Any]:
    """Returns what is known of a run before its data is read."""
    changes = dict(choice.recipe)
    preset = changes.pop("preset")
    if preset:
        changes["name"] = preset
    notes = {**choice.settings, "taps": choice.source["taps"]}
    if choice.source["input_scale"] is not None:
        notes["input_scale"] = choice.source["input_scale"]
    return {
        "method": choice.method,
        "notes": notes,
        **{f"recipe.{name}": value for name, value in changes.items()},
        **{name: options[name] for name in _IDENTITY},
    }


def _build(choice: Choice, num_classes: int) -> Any:
    from keras_snow.baselines import build_method
    from keras_snow.sources import load_source

    source = load_source(**choice.source)
    return build_method(choice.method, source, num_classes, **choice.settings)


def _recipe(choice: Choice, num_examples: int) -> Any:
    from keras_snow.baselines import METHODS
    from keras_snow.recipes import recipe_for
    from keras_snow.recipes import recipes

    changes = dict(choice.recipe)
    preset = changes.pop("preset")
    chosen = recipes.get(preset) if preset else recipe_for(num_examples)
    chosen = METHODS.get(choice.method).fit_recipe(chosen)
    return chosen.replace(**changes)


def _tell_best(record: dict[str, Any]) -> None:
    """Says where validation was best, and which epoch was kept."""
    best = record.get("best_validation")
    if not best:
        return
    whole = record["settings"]["recipe"]["epochs"]
    (name,) = best.keys() - {"loss"}
    click.echo(
        f"validation was best in epoch {best[name]['epoch']} ("
        f"{say_measures({name: best[name]['value']})}), its loss in epoch "
        f"{best['loss']['epoch']} ({best['loss']['value']:.3f}); trained "
        f"{record['epochs']} of {whole} epochs, kept {record['best_epoch']}"
    )


def _tell_start(record: dict[str, Any]) -> None:
    """Says how good the solved head was before the blocks learned."""
    start = record.get("start")
    if not start:
        return
    several = "left_out_map" in start
    name = "map" if several else "top1"
    told = f"{start[f'left_out_{name}']:.1%} of left-out training images"
    if f"val_{name}" in start:
        told = f"{start[f'val_{name}']:.1%} of validation images, {told}"
    if several:
        told = f"an mAP of {told}"
    click.echo(f"start: the head, a ridge regression, had {told}")


def _tell(record: dict[str, Any], out: pathlib.Path) -> None:
    _tell_start(record)
    for split, result in record["results"].items():
        click.echo(
            f"{split}: {say_measures(result)} of {result['count']} images"
        )
    _tell_best(record)
    trained = record["parameters"]["trained"]
    click.echo(f"trained parameters: {trained:,}")
    click.echo(f"record: {out / 'record.json'}")
    click.echo(f"next:   keras-snow predict {out} IMAGE")
