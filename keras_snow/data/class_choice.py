"""Some of the classes of a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_count
from keras_snow.data.split import Split

if TYPE_CHECKING:
    from keras_snow.data.task import Task

HALVES = ("A", "B")


def choose_classes(
    task: Task, classes: Sequence[str], name: str | None = None
) -> dict[str, Any]:
    """Returns the arguments of a task with some of the classes alone.

    Args:
        task: The task.
        classes: Names of classes.
        name: What to call it. By the number of classes if None.

    Raises:
        TypeError: If `classes` is one text.
        ValueError: If there is no such class; names the nearest.
    """
    if isinstance(classes, str):
        raise TypeError(
            f"Classes are a list of names. Received: classes={classes!r}"
        )
    for each in classes:
        check_choice("class", each, task.class_names)
    kept = [each for each in task.class_names if each in set(classes)]
    numbers = np.full(task.num_classes, -1, "int32")
    numbers[[task.class_names.index(each) for each in kept]] = range(len(kept))
    splits = {key: _only(part, numbers) for key, part in task.splits.items()}
    return {
        "name": name or f"{task.name}-{len(kept)}classes",
        "class_names": kept,
        "splits": {key: part for key, part in splits.items() if len(part)},
        "skipped": task.skipped,
        "held_out": task.held_out,
        "form": task.form,
    }


def halves_of(names: Sequence[str], seed: int) -> tuple[list[str], list[str]]:
    """Draws half of the classes.

    Args:
        names: Four or more.
        seed: Which.

    Returns:
        These, and the others.

    Raises:
        ValueError: If there are fewer.

    Examples:
        >>> halves_of(["ant", "bee", "cat", "dog", "eel"], seed=0)
        (['cat', 'dog', 'eel'], ['ant', 'bee'])
    """
    if len(names) < 4:
        raise ValueError(
            "Each half needs two classes to tell apart. Received: "
            f"class_names={list(names)}"
        )
    generator = np.random.default_rng(check_count("seed", seed, minimum=0))
    order = generator.permutation(len(names))
    chosen = set(order[: -(-len(names) // 2)])
    return (
        [name for index, name in enumerate(names) if index in chosen],
        [name for index, name in enumerate(names) if index not in chosen],
    )


def _only(split: Split, numbers: np.ndarray) -> Split:
    """Returns the examples whose class has a number, numbered so.

    Where images may have several classes, all of them stay.
    """
    if split.labels.ndim == 2:
        kept = np.flatnonzero(numbers >= 0)
        return Split(split.store, split.indices, split.labels[:, kept])
    labels = numbers[split.labels]
    part = split.take(np.flatnonzero(labels >= 0))
    return Split(part.store, part.indices, labels[labels >= 0])
