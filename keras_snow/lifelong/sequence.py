"""Looks at a sequence of tasks before the first is learned."""

from collections.abc import Sequence

from keras_snow.data.task import Task
from keras_snow.lifelong.options import LifelongOptions
from keras_snow.training.checks import check_data


def check_sequence(
    tasks: Sequence[Task], method: str, options: LifelongOptions
) -> list[Task]:
    """Returns the tasks if they can be learned one after another."""
    tasks = list(tasks)
    if len(tasks) < 2:
        raise ValueError(
            "A sequence takes two tasks at least; `keras-snow train` learns a "
            f"single one. Received: tasks={[task.name for task in tasks]}"
        )
    seen: dict[str, str] = {}
    for task in tasks:
        if task.name in seen.values() or task.fingerprint in seen:
            other = seen.get(task.fingerprint, task.name)
            raise ValueError(
                "Each task is learned once, under a name of its own. Received: "
                f"{task.name!r}, which is there already as {other!r}"
            )
        seen[task.fingerprint] = task.name
        if not len(task.splits.get("test", ())):
            raise ValueError(
                "Every task of a sequence needs test images. Received: "
                f"{task!r}"
            )
        check_data(task, options.recipe_of(method, len(task.labels("train"))))
    return tasks
