"""From one word to a task."""

import pathlib
from collections.abc import Sequence
from typing import Any

from keras_snow.core.checks import check_choice
from keras_snow.core.files import expand_home
from keras_snow.data.class_choice import HALVES
from keras_snow.data.task import Task
from keras_snow.data.task_forms import describe_file
from keras_snow.data.task_forms import describe_missing
from keras_snow.data.task_forms import describe_other_folder
from keras_snow.data.tfds_reader import TFDS_TASKS

_DEMO = "demo:"


def load_task(
    spec: str,
    *,
    classes: Sequence[str] | None = None,
    half: str | None = None,
    **options: Any,
) -> Task:
    """Makes a task of a folder, a file, or a name.

    Args:
        spec: A folder of images; a `.npz`; a `.csv` of paths and labels;
            `demo:NAME` for a task that the package draws itself; or the name
            of a TFDS data set, such as `cars196`.
        classes: Names of the classes to keep. All if None.
        half: `"A"` or `"B"`: one half of the classes, see `Task.halves`, drawn
            by `seed`. Both if None.
        **options: Passed on: `validation`, `test`, `seed` and, for files,
            `skip_bad` and `max_pixels`; `value_range`.

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
    task = _load(str(spec), options)
    if classes is not None:
        task = task.only(classes)
    if half is not None:
        task = task.halves(options.get("seed", 0))[HALVES.index(half)]
    return task


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
    if path.suffix.lower() == ".npz":
        return Task.from_npz(path, **_without_file_rules(options))
    if path.suffix.lower() in (".csv", ".tsv"):
        return Task.from_csv(path, **options)
    if path.is_dir():
        return _load_folder(path, options)
    if path.exists():
        raise ValueError(describe_file(path))
    return _load_named(spec, options)


def _load_folder(path: pathlib.Path, options: dict[str, Any]) -> Task:
    try:
        return Task.from_folder(path, **options)
    except ValueError as error:
        other = describe_other_folder(path)
        if other is None:
            raise
        raise ValueError(other) from error


def _load_demo(name: str, options: dict[str, Any]) -> Task:
    from keras_snow.data.demo import load_demo_task

    # They are of 8 bits.
    given = {k: v for k, v in options.items() if k != "value_range"}
    return load_demo_task(name, **_without_file_rules(given))


def _load_named(spec: str, options: dict[str, Any]) -> Task:
    check_task(spec)
    return Task.from_tfds(spec, **_without_file_rules(options))


def _tfds_name(spec: str) -> str:
    return spec.split(":")[0].split("/")[0]


def _without_file_rules(options: dict[str, Any]) -> dict[str, Any]:
    """Options without those that only make sense for image files."""
    file_rules = ("skip_bad", "max_pixels")
    return {k: v for k, v in options.items() if k not in file_rules}
