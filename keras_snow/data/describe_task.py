"""What tells a task from another."""

from typing import Any

from keras_snow.data.task import Task


def describe_task(task: Task) -> dict[str, Any]:
    """Returns what tells a task from another, as plain data.

    Args:
        task: The task.
    """
    sizes = {name: len(split) for name, split in task.splits.items()}
    facts: dict[str, Any] = {
        "name": task.name,
        "class_names": list(task.class_names),
        "sizes": sizes,
        "fingerprint": task.fingerprint,
    }
    # Older runs know nothing of it.
    if task.value_range is not None:
        facts["value_range"] = list(task.value_range)
    return facts
