"""What tells a task from another."""

from typing import Any

from keras_snow.data.task import Task


def describe_task(task: Task) -> dict[str, Any]:
    """Returns what tells a task from another, as plain data.

    Args:
        task: The task.
    """
    sizes = {name: len(split) for name, split in task.splits.items()}
    return {
        "name": task.name,
        "class_names": list(task.class_names),
        "sizes": sizes,
        "fingerprint": task.fingerprint,
    }
