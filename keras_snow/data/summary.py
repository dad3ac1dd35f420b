"""What a task is, in a few lines, so that a wrong one is seen."""

from keras_snow.data.split import Split
from keras_snow.data.task import Task

_ALL_NAMED = 10  # More classes, or longer names, are not listed one by one.


def summarise_task(task: Task) -> str:
    """Returns the classes and the images of each split, for a person to read.

    Every command that reads a task shows it before it begins.

    Args:
        task: The task.

    Examples:
        >>> import numpy as np
        >>> images = np.zeros((20, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10, ["cat", "dog"])
        >>> print(summarise_task(task))
        arrays: 2 classes: cat, dog
          train: 14 images (cat 7, dog 7)
          validation: 2 images (cat 1, dog 1)
          test: 4 images (cat 2, dog 2)
    """
    names = list(task.class_names)
    if len(names) > _ALL_NAMED:
        names[_ALL_NAMED // 2 : -2] = ["..."]
    classes = f"{task.num_classes} classes: {', '.join(names)}"
    lines = [f"{task.name}: {classes if names else 'no classes'}"]
    if task.form:
        lines.append(f"  {task.form}")
    for name, split in task.splits.items():
        lines.append(f"  {name}: {len(split):,} images{_counts(task, split)}")
    if task.value_range is not None:
        low, high = task.value_range
        lines.append(
            f"  images of more than 8 bits: {low:g} is black, {high:g} white "
            f"(--value-range {low:g},{high:g})"
        )
    if count := len(task.skipped):
        words = "file was" if count == 1 else "files were"
        lines.append(f"  {count} {words} left out")
    return "\n".join(lines)


def _counts(task: Task, split: Split) -> str:
    if not task.num_classes:
        return ""
    counts = split.counts(task.num_classes)
    if task.num_classes <= _ALL_NAMED:
        pairs = zip(task.class_names, counts, strict=True)
        return f" ({', '.join(f'{name} {count}' for name, count in pairs)})"
    least, most = counts.min(), counts.max()
    each = least if least == most else f"{least} to {most}"
    return f" ({each} of a class)"
