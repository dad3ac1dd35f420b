"""Several tasks on the same images, split alike."""

from collections.abc import Mapping

import numpy as np

from keras_snow.data.split import Split
from keras_snow.data.splitting import HeldOut
from keras_snow.data.splitting import complete_splits
from keras_snow.data.task import Task


def split_alike(
    tasks: Mapping[str, Task], held_out: HeldOut
) -> dict[str, Task]:
    """Splits tasks so that an image is held out of all of them, or of none.

    Each class of each task keeps its share, as where images have several
    classes.

    Args:
        tasks: Tasks on the same images, of which some may be missing in one.
        held_out: How they are split, where the data does not say it.

    Examples:
        >>> images = np.zeros((40, 8, 8, 3), "uint8")
        >>> tasks = {
        ...     name: Task.from_arrays(images, labels, test=0, validation=0)
        ...     for name, labels in {"a": [0, 1] * 20,
        ...                          "b": [1] * 4 + [0] * 36}.items()
        ... }
        >>> tasks = split_alike(tasks, HeldOut(test=0.5))
        >>> first, second = (x.split("test").indices for x in tasks.values())
        >>> first.tolist() == second.tolist(), len(first)
        (True, 20)
    """
    names: dict[str, int] = {}
    for task in tasks.values():
        train = task.split("train")
        for index in range(len(train)):
            names.setdefault(train.name(index), len(names))
    rows = np.zeros((len(names), 0), "int32")
    for task in tasks.values():
        own = np.zeros((len(names), task.num_classes), "int32")
        own[_places(task, names), task.labels("train")] = 1
        rows = np.column_stack([rows, own])
    store = next(iter(tasks.values())).split("train").store
    every = Split(store, np.arange(len(names)), rows)
    known = next(iter(tasks.values())).splits
    drawn = complete_splits({**known, "train": every}, held_out)
    parts = {
        name: set(split.indices.tolist())
        for name, split in drawn.items()
        if name == "train" or name not in known
    }
    return {
        name: _divided(task, _places(task, names), parts, held_out)
        for name, task in tasks.items()
    }


def _places(task: Task, names: Mapping[str, int]) -> list[int]:
    train = task.split("train")
    return [names[train.name(index)] for index in range(len(train))]


def _divided(
    task: Task,
    places: list[int],
    parts: Mapping[str, set[int]],
    held_out: HeldOut,
) -> Task:
    train = task.split("train")
    found = {
        part: train.take([i for i, place in enumerate(places) if place in own])
        for part, own in parts.items()
    }
    splits = {**task.splits, **found}
    order = ("train", "validation", "test")
    kept = {name: splits[name] for name in order if len(splits.get(name, ()))}
    return Task(
        task.name, task.class_names, kept, task.skipped, held_out, task.form
    )
