"""From one word to a task."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from keras_snow.core.checks import check_choice
from keras_snow.core.files import expand_home
from keras_snow.data.class_choice import HALVES
from keras_snow.data.readers.any_path import FILES
from keras_snow.data.readers.reading import Reading
from keras_snow.data.readers.tfds import TFDS_TASKS
from keras_snow.data.splitting import HeldOut
from keras_snow.data.task import Task
from keras_snow.data.task_forms import describe_missing

_DEMO = "demo:"
_HELD_OUT = [field.name for field in dataclasses.fields(HeldOut)]
_READING = [field.name for field in dataclasses.fields(Reading)]


def load_task(
    spec: str,
    *,
    classes: Sequence[str] | None = None,
    half: str | None = None,
    **options: Any,
) -> Task:
    """Makes a task of a folder, a file, or a name.

    Args:
        spec: A folder of images; a `.npz`; a table of paths and labels, such
            as a `.csv`; `demo:NAME` for a task that the package draws itself;
            or the name of a TFDS data set, such as `cars196`.
        classes: Names of the classes to keep. All if None.
        half: `"A"` or `"B"`: one half of the classes, see `Task.halves`, drawn
            by `seed`. Both if None.
        **options: Passed on: fields of `HeldOut` and, for files,
            `skip_bad` and `max_pixels`; `value_range`; what a table does not
            say itself, see `Task.from_csv`.

    Raises:
        OSError: If data can't be read or downloaded.
        ValueError: If there is no such folder, file or name, the name is
            empty, or the data is bad.

    Examples:
        >>> load_task("cars169")
        Traceback (most recent call last):
        ...
        ValueError: There is no such folder or file, nor a task of this ...
    """
    if half is not None:
        check_choice("half", half, HALVES)
    shared = options.pop("shared_by", ())
    column = options.get("label_column")
    if column in shared:
        others = {k: v for k, v in options.items() if k != "label_column"}
        task = load_tasks(spec, label_column=shared, **others)[str(column)]
    else:
        task = _load(str(spec), options)
    if classes is not None:
        task = task.only(classes)
    if half is not None:
        task = task.halves(options.get("seed", 0))[HALVES.index(half)]
    return task


def load_tasks(
    spec: str, *, label_column: Sequence[str], **options: Any
) -> dict[str, Task]:
    """Makes a task of each of several columns of labels of a table.

    What is held out is the same images in all of them.

    Args:
        spec: A table.
        label_column: Names of columns.
        **options: As of `load_task`.

    Returns:
        By column, tasks called `TABLE-COLUMN`.

    Raises:
        OSError: If the table or an image can't be read.
        ValueError: If a column is bad, or the data is no table.
    """
    from keras_snow.data.shared_split import split_alike

    held = {x: options.pop(x) for x in _HELD_OUT if x in options}
    tasks = {}
    for column in label_column:
        task = load_task(
            spec, label_column=column, validation=0.0, test=0.0, **options
        )
        task.name = f"{task.name}-{column}"
        tasks[column] = task
    return split_alike(tasks, HeldOut(**held, shared_by=tuple(label_column)))


def check_task(spec: str) -> None:
    """Looks whether there is anything to read a task from, and reads nothing.

    Args:
        spec: As of `load_task`.

    Raises:
        ValueError: If there is neither a folder, a file nor such a name.
    """
    named = spec.startswith(_DEMO) or _tfds_name(spec) in TFDS_TASKS
    if spec and not named and not expand_home(spec).exists():
        raise ValueError(describe_missing(spec, [*TFDS_TASKS]))


def _load(spec: str, options: dict[str, Any]) -> Task:
    if not spec:
        raise ValueError(
            "The name of the task is empty. Name a folder, a file or a data "
            "set: `.` is the current folder. Received: task=''"
        )
    path = expand_home(spec)
    if spec.startswith(_DEMO):
        return _load_demo(spec.removeprefix(_DEMO), options)
    if path.exists() or path.suffix.lower() in FILES:
        return Task.from_path(path, **options)
    return _load_named(spec, options)


def _load_demo(name: str, options: dict[str, Any]) -> Task:
    from keras_snow.data.demo import load_demo_task

    further = _of_no_files(f"{_DEMO}{name}", options)
    # They are of 8 bits.
    further.pop("value_range", None)
    return load_demo_task(name, **further)


def _load_named(spec: str, options: dict[str, Any]) -> Task:
    check_task(spec)
    return Task.from_tfds(spec, **_of_no_files(spec, options))


def _tfds_name(spec: str) -> str:
    return spec.split(":")[0].split("/")[0]


def _of_no_files(spec: str, options: dict[str, Any]) -> dict[str, Any]:
    """Options without those that only make sense for files."""
    reading = {k: v for k, v in options.items() if k in _READING}
    Reading(**reading).refuse(f"the task {spec!r}")
    others = ("skip_bad", "max_pixels", *_READING)
    return {k: v for k, v in options.items() if k not in others}
