"""`keras-snow pretrain`: makes a source."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING
from typing import Any

import click

from keras_snow.cli.group import when_interrupted
from keras_snow.cli.load_keras import load_keras
from keras_snow.cli.options import Function
from keras_snow.cli.options import add_options
from keras_snow.cli.options import image_size_of
from keras_snow.cli.options import out_option
from keras_snow.cli.options import profile_option
from keras_snow.cli.options import recipe_options
from keras_snow.cli.read_options import read_task
from keras_snow.cli.read_options import read_training
from keras_snow.cli.read_options import tell_task
from keras_snow.cli.run_options import compute_options
from keras_snow.cli.run_options import init_option
from keras_snow.cli.task_options import file_rules
from keras_snow.cli.task_options import task_options
from keras_snow.cli.typed import read_settings
from keras_snow.cli.verb import Verb
from keras_snow.core.output_folder import check_output
from keras_snow.sources.forms import check_spec
from keras_snow.sources.origin import without_download

if TYPE_CHECKING:
    from keras_snow.data import Task

# Settings of a pretext by the same name; the defaults are those of its class.
_SETTINGS: dict[str, tuple[Any, str]] = {
    "binary_weight": (
        float,
        "partition: part of the halves in the loss. [default: 0.3]",
    ),
    "partitions": (
        int,
        "partition: binary layers, each with halves of its own. [default: 1]",
    ),
    "ways": (int, "episodes: classes of each. [default: 20]"),
    "shots": (
        int,
        "episodes: images of a class to learn from. [default: 1]",
    ),
    "queries": (int, "episodes: images of a class to answer. [default: 5]"),
    "distance": (
        str,
        "episodes: euclidean, cosine or parametric. [default: euclidean]",
    ),
}


def _settings_options(function: Function) -> Function:
    return add_options(
        function,
        *(
            click.option(f"--{name.replace('_', '-')}", type=kind, help=text)
            for name, (kind, text) in _SETTINGS.items()
        ),
    )


@click.command(cls=Verb, long=True)
@click.argument("images")
@click.option(
    "--how",
    default="labels",
    metavar="NAME",
    help="labels: the classes; partition: also to which random half each "
    "belongs; byol: without labels, two views of an image; episodes: "
    "prototypes of a few images.",
)
@click.option(
    "--network",
    metavar="NAME|FILE.keras|RUN",
    help="What is trained, from random weights; `keras-snow sources` lists "
    "names. [default: resnet18_small]",
)
@_settings_options
@click.option(
    "--predictor/--no-predictor",
    default=None,
    help="byol: with a predictor, or without, to see it collapse.",
)
@click.option(
    "--unlabelled",
    is_flag=True,
    help="byol: IMAGES is a folder of images at any depth, without classes.",
)
@out_option("runs/IMAGES-HOW")
@image_size_of(32)
@click.option("--seed", default=0)
@recipe_options
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=read_settings,
    help="Any other setting of the recipe or of --how; repeatable.",
)
@task_options
@init_option
@compute_options
@profile_option
def pretrain(images: str, **options: Any) -> None:
    """Make a source: train a network on IMAGES and keep its body.

    IMAGES is what `train` takes; for episodes also a folder of base/, novel/
    (and validation/) classes. The folder that is left is a source: `--source
    DIR` of train, compare, probe, lifelong, bundle and others. Without
    `--recipe`, each --how has a recipe of its own.

    Stopped at any moment, the same command goes on after the last epoch.

    \b
    Examples:
      keras-snow pretrain birds --out runs/pre
      keras-snow pretrain photos --how byol --network resnet18_small
      keras-snow pretrain birds --how episodes --network conv4 --ways 30
      keras-snow train flowers --source runs/pre --image-size 32
    """
    load_keras()
    from keras_snow.core.files import file_name
    from keras_snow.data.cache import choose_cache

    network = options["network"] or "resnet18_small"
    check_spec(network, without_download(network))
    if options["out"]:
        check_output(
            options["out"], "run.json", "run", {"method": options["how"]}
        )
    load_keras()
    from keras_snow.pretraining import pretrain as run_pretraining
    from keras_snow.training import this_host

    pretext, recipe = read_pretext(options)
    task = _read_images(images, options)
    out = options["out"] or f"runs/{file_name(task.name)}-{pretext.name}"
    when_interrupted(f"Stopped. What was learned is kept in {out}.")
    record = run_pretraining(
        pretext,
        task,
        recipe,
        out=out,
        image_size=options["image_size"],
        seed=options["seed"],
        config=read_training(
            options,
            init=options["init"],
            profile=options["profile"],
            cache=choose_cache(options["cache"], task, options["image_size"]),
        ),
    )
    if this_host().first:
        _tell(record, pathlib.Path(out))


def _read_images(images: str, options: dict[str, Any]) -> Task:
    from keras_snow.core.files import expand_home
    from keras_snow.data.class_sets import join_class_sets
    from keras_snow.data.class_sets import read_class_sets
    from keras_snow.data.labelled_files import FileRules
    from keras_snow.data.unlabelled import read_unlabelled

    rules = file_rules(options)
    sets = {}
    if options["how"] == "episodes" and not options["unlabelled"]:
        sets = read_class_sets(images, **rules)
    if not sets and not options["unlabelled"]:
        # Here `--shots` is of an episode; all images are trained on.
        return read_task(images, {**options, "shots": None})
    if sets:
        name = expand_home(images).resolve().name
        found = join_class_sets(name, sets)
    else:
        found = read_unlabelled(images, FileRules(**rules))
    tell_task(found, options["quiet"])
    return found


def read_pretext(options: dict[str, Any]) -> tuple[Any, Any]:
    """Returns the pretext and the recipe, before any data is read."""
    import dataclasses

    from keras_snow.pretraining import make_pretext
    from keras_snow.recipes import Recipe
    from keras_snow.recipes import recipes

    further = dict(options["settings"])
    fields = [field.name for field in dataclasses.fields(Recipe)]
    given = {name: options.get(name) for name in fields}
    changes = {name: x for name, x in given.items() if x is not None}
    changes |= {name: further.pop(name) for name in fields if name in further}
    names = ("network", "predictor", *_SETTINGS)
    named = {name: options[name] for name in names}
    settings = {name: x for name, x in named.items() if x is not None}
    pretext = make_pretext(options["how"], **settings, **further)
    preset = options["recipe"]
    recipe = recipes.get(preset) if preset else pretext.recipe
    recipe = recipe.replace(**changes)
    fitted = pretext.fit_recipe(recipe)
    if "batch_size" in changes and fitted.batch_size != recipe.batch_size:
        raise ValueError(
            "A batch is an episode, so its size follows from `--ways`, "
            "`--shots` and `--queries`. Leave it out. "
            f"Received: batch_size={recipe.batch_size}"
        )
    return pretext, recipe


def _tell(record: dict[str, Any], out: pathlib.Path) -> None:
    for split, result in record["results"].items():
        numbers = ", ".join(
            f"{name} {value:.3f}"
            for name, value in result.items()
            if isinstance(value, float)
        )
        click.echo(f"{split}: {numbers}")
        for each in result.get("shapes", ()):
            click.echo(
                f"  {each['ways']}-way {each['shots']}-shot: "
                f"{each['top1']:.1%} ({each['low']:.1%} to {each['high']:.1%})"
            )
    click.echo(f"trained parameters: {record['parameters']['trained']:,}")
    click.echo(f"record: {out / 'record.json'}")
    click.echo(f"next:   keras-snow train TASK --source {out}")
