"""PlannedTask: what a comparison has to know about a task beforehand."""

import dataclasses
import sys
from collections.abc import Sequence
from typing import Any

import tqdm

from keras_snow.data.catalogue import load_task
from keras_snow.data.summary import summarise_task
from keras_snow.data.task import Task
from keras_snow.recipes.recipe import Recipe
from keras_snow.reports.entry import file_name
from keras_snow.reports.options import CompareOptions
from keras_snow.training.checks import check_data
from keras_snow.training.fingerprint import describe_task

SPLITS = ("train", "validation", "test")


@dataclasses.dataclass(frozen=True)
class PlannedTask:
    """What a comparison has to know about a task beforehand.

    Args:
        spec: What `load_task` takes.
        name: The task's name.
        data: What `describe_task` returned.
        recipe: How it is learned, before a method changes the rate.
    """

    spec: str
    name: str
    data: dict[str, Any]
    recipe: Recipe

    def to_dict(self) -> dict[str, Any]:
        """Returns what is kept of it, as plain data."""
        data = {
            **self.data,
            "num_classes": len(self.data["class_names"]),
            "recipe": self.recipe.to_dict(),
        }
        del data["class_names"]  # The fingerprint tells them apart.
        return {"name": self.name, "spec": self.spec, "data": data}


def plan_tasks(
    specs: Sequence[str], options: CompareOptions
) -> list[PlannedTask]:
    """Reads tasks and looks whether methods can be compared on them."""
    if not specs:
        raise ValueError(
            "A comparison needs one task at least. Received: tasks=[]"
        )
    planned = [_plan(str(spec), options) for spec in specs]
    names = [file_name(task.name) for task in planned]
    for name, task in zip(names, planned, strict=True):
        if names.count(name) > 1:
            raise ValueError(
                "Each task needs a name of its own, that of its folder or "
                f"file. Received: task={task.spec!r}, name={task.name!r} twice"
            )
    return planned


def _plan(spec: str, options: CompareOptions) -> PlannedTask:
    task = load_task(spec, **options.data_options())
    check_splits(task)
    recipe = options.recipe_of(len(task.labels("train")))
    check_data(task, recipe)
    if options.verbose:
        tqdm.tqdm.write(summarise_task(task), file=sys.stderr)
    return PlannedTask(spec, task.name, describe_task(task), recipe)


def check_splits(task: Task) -> None:
    """Looks for images to train, to choose and to test with."""
    sizes = {name: len(task.splits.get(name, ())) for name in SPLITS}
    if all(sizes.values()):
        return
    found = ", ".join(f"{count} {name}" for name, count in sizes.items())
    raise ValueError(
        "The task is too small to split: there must be training, "
        "validation and test images, three of each class. Add images, or "
        "raise `validation` and `test`. "
        f"Received: task={task.name!r}, {found}"
    )
