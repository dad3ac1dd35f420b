"""Folders of a few-shot study: sets of classes that have none in common."""

import dataclasses
import os
import pathlib
from collections.abc import Mapping

from keras_snow.core.files import expand_home
from keras_snow.data.image_files import subfolders
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.data.split import Split
from keras_snow.data.split_names import roles_of
from keras_snow.data.split_names import words_of
from keras_snow.data.task import Task
from keras_snow.data.value_range import ValueRange

CLASS_SETS = ("base", "validation", "novel")

_BY_SPLIT = {"train": "base", "validation": "validation", "test": "novel"}
_SPLITS = {kind: split for split, kind in _BY_SPLIT.items()}
_NOVEL = {"novel", "unseen"}


def find_class_sets(
    path: str | os.PathLike[str],
) -> dict[str, pathlib.Path]:
    """Returns the folder of each set of classes, `{}` if there are none.

    Sets are called `base/`, `validation/` and `novel/`, or as splits are, which
    can't be splits as none has a class of another.

    Args:
        path: Any path.

    Examples:
        >>> find_class_sets("missing")
        {}
    """
    root = expand_home(path)
    if not root.is_dir():
        return {}
    found: dict[str, pathlib.Path] = {}
    for name, role in roles_of(x.name for x in subfolders(root)).items():
        kind = _BY_SPLIT.get(role or "")
        if role == "few-shot":
            kind = "novel" if _NOVEL & {*words_of(name)} else "base"
        if kind is None or kind in found:
            return {}
        found[kind] = root / name
    classes = [x.name for each in found.values() for x in subfolders(each)]
    if not {"base", "novel"} <= {*found} or len({*classes}) < len(classes):
        return {}
    return {kind: found[kind] for kind in CLASS_SETS if kind in found}


def read_class_sets(
    path: str | os.PathLike[str],
    skip_bad: bool = False,
    max_pixels: int = MAX_PIXELS,
    value_range: ValueRange | None = None,
) -> dict[str, Task]:
    """Reads the sets of classes of a folder, each as a task.

    Args:
        path: A folder with `base/` and `novel/`, perhaps `validation/`.
        skip_bad: Whether to leave out bad files.
        max_pixels: Images with more pixels are refused before decoding.
        value_range: As of `Task.from_folder`.

    Returns:
        Tasks whose images are all in `train`; `{}` if the folder is no such.

    Raises:
        OSError: If a file can't be read.
        ValueError: As of `Task.from_folder`.
    """
    rules = FileRules(skip_bad, max_pixels, value_range)
    found = _read(path, rules)
    ranges = {x.value_range for x in found.values() if x.value_range}
    if len(ranges) > 1:
        # One for all: that of the set with the brightest image.
        widest = max(ranges, key=lambda each: each[1])
        return _read(path, dataclasses.replace(rules, value_range=widest))
    return found


def join_class_sets(name: str, sets: Mapping[str, Task]) -> Task:
    """Returns one task, whose splits have no class in common.

    Base classes are trained on; the others are for validation and test, as
    episodes of new classes.

    Args:
        name: What to call it.
        sets: What `read_class_sets` returned.

    Examples:
        >>> images = np.zeros((4, 8, 8, 3), "uint8")
        >>> one, two = (
        ...     Task.from_arrays(images, [0, 1] * 2, x, validation=0, test=0)
        ...     for x in (["ant", "bee"], ["cat", "dog"])
        ... )
        >>> join_class_sets("pets", {"base": one, "novel": two})
        Task('pets', 4 classes, train: 4, test: 4)
    """
    names: list[str] = []
    splits = {}
    for kind, task in sets.items():
        part = task.split("train")
        labels = part.labels + len(names)
        splits[_SPLITS[kind]] = Split(part.store, part.indices, labels)
        names += task.class_names
    skipped = [file for task in sets.values() for file in task.skipped]
    return Task(name, names, splits, skipped)


def _read(path: str | os.PathLike[str], rules: FileRules) -> dict[str, Task]:
    return {
        kind: Task.from_folder(folder, 0.0, 0.0, 0, **dataclasses.asdict(rules))
        for kind, folder in find_class_sets(path).items()
    }
