"""What the options of a verb stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any

import click

if TYPE_CHECKING:
    from keras_snow.data import Task
    from keras_snow.recipes import Recipe
    from keras_snow.training import TrainingOptions
    from keras_snow.tuning import SweepOptions

Options = dict[str, Any]

# Of `run_options`: those that `TrainingOptions` knows by the same name.
_RUN = (
    "cache",
    "cache_taps",
    "tap_folder",
    "cache_limit_gb",
    "settle_after",
    "solve_head",
    "strategy",
    "xla",
    "precision",
    "engine",
    "deterministic",
)


def read_task(
    name: str, options: Options, learned: Options | None = None
) -> Task:
    """Loads a task, split as the options say, and tells what it is."""
    from keras_snow.data import HeldOut
    from keras_snow.data import load_task

    held_out = {
        "validation": options["validation"],
        "test": options["test"],
        "seed": options["split_seed"],
    }
    if learned is not None:
        held_out = HeldOut.of_run(learned).changed(**held_out).to_dict()
    task = load_task(name, **held_out, **_how_to_read(options, learned))
    shots = options.get("shots")
    if shots:
        task = task.subset(shots, held_out["seed"])
    tell_task(task, options.get("quiet", False))
    return task


def read_tasks(name: str, options: Options) -> list[Task]:
    """Loads a task, or one for each of several columns of labels.

    Args:
        name: What the user typed.
        options: Of a verb that has `task_options`.

    Raises:
        ValueError: As of `read_task`.
        OSError: If it can't be read.
    """
    from keras_snow.data.catalogue import load_tasks

    if not names_several(options):
        return [read_task(name, options)]
    how = _how_to_read(options, None)
    columns = how.pop("label_column")
    tasks = load_tasks(
        name,
        label_column=columns,
        validation=options["validation"],
        test=options["test"],
        seed=options["split_seed"],
        **how,
    )
    for task in tasks.values():
        tell_task(task, options.get("quiet", False))
    return [*tasks.values()]


def names_several(options: Options) -> bool:
    """Tells whether several columns of labels are named, each a task.

    Args:
        options: Of a verb that has `task_options`.
    """
    reading = options["reading"]
    columns = reading.get("label_column")
    return isinstance(columns, list) and "multi_label" not in reading


def _how_to_read(options: Options, learned: Options | None) -> Options:
    """Returns what `load_task` takes beside how the data is split."""
    learned = learned or {}
    several = {"multi_label": True} if learned.get("thresholds") else {}
    return {
        "classes": options["classes"],
        "half": options["half"],
        "skip_bad": options["skip_bad"],
        "max_pixels": options["max_pixels"],
        "value_range": options["value_range"] or learned.get("value_range"),
        **options["reading"],
        **several,
    }


def tell_task(task: Task, quiet: bool) -> None:
    """Writes what was read to standard error.

    Args:
        task: The task.
        quiet: Whether to list files alone that were skipped.
    """
    from keras_snow.data.summary import summarise_task

    for path, reason in task.skipped:
        click.echo(f"skipped {path}: {reason}", err=True)
    if not quiet or task.skipped:
        click.echo(summarise_task(task), err=True)


def read_taps(options: Options) -> tuple[str, ...] | None:
    """Returns the taps; None for the network's own.

    Examples:
        >>> read_taps({"taps": ["early", "late"]})
        ('early', 'late')
    """
    taps = options["taps"]
    return None if taps is None else tuple(taps)


def read_training(options: Options, **further: Any) -> TrainingOptions:
    """Returns where and how a run is computed."""
    from keras_snow.training import TrainingOptions

    typed = {name: options[name] for name in _RUN if name in options}
    typed["verbose"] = not options["quiet"]
    return TrainingOptions(**{**typed, **further})


def read_recipe(options: Options) -> Callable[[int], Recipe]:
    """Returns a function of the number of images that gives the recipe.

    What was typed is checked at once.
    """
    from keras_snow.recipes import recipe_for
    from keras_snow.recipes import recipes

    preset = recipes.get(options["recipe"]) if options["recipe"] else None
    names = (
        "epochs",
        "batch_size",
        "learning_rate",
        "augmentation",
        "patience",
    )
    given = {name: options.get(name) for name in names}
    changes = {name: x for name, x in given.items() if x is not None}
    (preset or recipe_for(1)).replace(**changes)
    return lambda count: (preset or recipe_for(count)).replace(**changes)


def read_sweep(
    options: Options, task: Task, recipe: Callable[[int], Recipe]
) -> SweepOptions:
    """Returns what all runs of a search share.

    Args:
        options: Of a verb that has the network's, the recipe's, the task's and
            the run's options.
        task: The task.
        recipe: What `read_recipe` returned.
    """
    from keras_snow.data.cache import choose_cache
    from keras_snow.tuning import SweepOptions

    size = options["image_size"]
    return SweepOptions(
        source=options["source"],
        weights=options["weights"],
        taps=read_taps(options),
        input_scale=options["input_scale"],
        recipe=recipe(len(task.labels("train"))),
        image_size=size,
        seed=options["seed"],
        training=read_training(
            options,
            cache=choose_cache(options["cache"], task, size),
            tensorboard=False,
        ),
    )
