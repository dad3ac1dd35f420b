"""Data sets whose splits are files of their own: tables, lists or shards."""

import dataclasses
import pathlib
import re
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from keras_snow.data.image_files import counts
from keras_snow.data.image_files import subfolders
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.readers.parquet import open_parquet
from keras_snow.data.readers.reading import Reading
from keras_snow.data.readers.table import read_rows
from keras_snow.data.readers.table_file import Table
from keras_snow.data.readers.table_file import open_table
from keras_snow.data.readers.tf_record import open_records
from keras_snow.data.readers.web_dataset import open_tars
from keras_snow.data.split import Split
from keras_snow.data.split_names import SPLITS
from keras_snow.data.split_names import roles_of

Opener = Callable[[Sequence[pathlib.Path]], Table]

SHARDS: dict[str, Opener] = {
    ".parquet": open_parquet,
    ".tar": open_tars,
    ".tfrecord": open_records,
    ".tfrecords": open_records,
}
# What lies beside images: of `datasets`, and of Roboflow.
_BESIDE = re.compile(
    r"metadata\.(csv|jsonl|parquet)|_classes\.csv|_annotations\.coco\.json"
)
_TABLE = re.compile(r"(.+)\.(csv|tsv|json|jsonl)")
_MOST_PLACES = 8  # Shards lie in few folders.
# As in train-00000-of-00012, or dtd-train.tfrecord-00001-of-00004.
_NUMBER = re.compile(r"[-_.]\d+(-of-\d+)?")


def find_parts(root: pathlib.Path) -> dict[str, list[pathlib.Path]]:
    """Returns the files of each split of a folder.

    They are `metadata.csv` and the like, in the folder or in one folder a
    split; shards whose names, or folders, are called like splits; or tables of
    such names.

    Args:
        root: The folder.

    Returns:
        `{}` if there are none.

    Raises:
        ValueError: If some shards bear names of splits, and others do not.
    """
    found = _metadata(root) or _shards(root) or _tables(root)
    return {name: found[name] for name in SPLITS if name in found}


def read_parts(
    parts: Mapping[str, list[pathlib.Path]],
    rules: FileRules,
    reading: Reading,
) -> LabelledSplits:
    """Reads a file, or files, for each split.

    Args:
        parts: What `find_parts` returned.
        rules: What is a bad file, and what is done then.
        reading: What the data does not say.

    Raises:
        OSError: If a file or an image can't be read.
        ValueError: If one is bad, or the splits have different classes.
    """
    found = {
        split: read_shards(paths, rules, reading)
        for split, paths in parts.items()
    }
    joined = join_splits(found)
    files = ", ".join(f"{x} of {y[0].name}" for x, y in parts.items())
    return dataclasses.replace(joined, form=f"{files}; {joined.form}")


def read_shards(
    paths: Sequence[pathlib.Path], rules: FileRules, reading: Reading
) -> LabelledSplits:
    """Reads files that are one table.

    Args:
        paths: Files of one ending.
        rules: What is a bad file, and what is done then.
        reading: What the data does not say.
    """
    opener = SHARDS.get(_ending(paths[0]))
    table = open_table(paths[0]) if opener is None else opener(paths)
    return read_rows(table, rules, reading)


def _metadata(root: pathlib.Path) -> dict[str, list[pathlib.Path]]:
    own = _beside(root)
    if own:
        return {"train": own}
    folders = {x.name: x for x in subfolders(root)}
    roles = roles_of(folders)
    found = {
        role: _beside(folders[name])
        for name, role in roles.items()
        if role in SPLITS
    }
    return {str(role): paths for role, paths in found.items() if paths}


def _beside(folder: pathlib.Path) -> list[pathlib.Path]:
    names = sorted(x.name for x in folder.iterdir() if x.is_file())
    found = [folder / x for x in names if _BESIDE.fullmatch(x.lower())]
    if len(found) > 1:
        raise ValueError(
            "Several files may describe the images. Name one of them as the "
            f"task. Received: {', '.join(x.name for x in found)} in "
            f"{str(folder)!r}"
        )
    return found


def _shards(root: pathlib.Path) -> dict[str, list[pathlib.Path]]:
    places = [root, *subfolders(root)][:_MOST_PLACES]
    files = [
        path
        for place in places
        for path in sorted(place.iterdir())
        if counts(path.name) and _ending(path) in SHARDS
    ]
    if not files:
        return {}
    stems = {path: _NUMBER.sub("", path.name.split(".")[0]) for path in files}
    roles = roles_of({*stems.values()})
    above = roles_of({path.parent.name for path in files})
    found: dict[str, list[pathlib.Path]] = {}
    for path, stem in stems.items():
        role = roles[stem] or above[path.parent.name] or ""
        found.setdefault(role, []).append(path)
    if set(found) == {""}:
        return {"train": files}
    if not set(found) <= {*SPLITS}:
        strange = next(x for role, x in found.items() if role not in SPLITS)
        raise ValueError(
            "Some files bear names of splits, and others do not. Move those "
            f"elsewhere. Received: path={str(strange[0])!r}"
        )
    return found


def _ending(path: pathlib.Path) -> str:
    """The ending, also of `x.tfrecord-00000-of-00004`."""
    name = re.sub(r"-\d+-of-\d+$", "", path.name.lower())
    return pathlib.PurePath(name).suffix


def _tables(root: pathlib.Path) -> dict[str, list[pathlib.Path]]:
    files = {
        match[1]: path
        for path in sorted(root.iterdir())
        if path.is_file() and (match := _TABLE.fullmatch(path.name))
    }
    roles = roles_of(files)
    found = {
        str(role): [files[name]]
        for name, role in roles.items()
        if role in SPLITS
    }
    return found if "train" in found else {}


def join_splits(found: Mapping[str, LabelledSplits]) -> LabelledSplits:
    """Returns one data set of those that were read for each split.

    Args:
        found: By split, data whose images are all in its `"train"`.

    Raises:
        ValueError: If there is no train, another split has a class that it
            lacks, or the values of images have different ranges.
    """
    known = found.get("train")
    if known is None:
        raise ValueError(
            f"Data with splits needs train, too. Received: splits={list(found)}"
        )
    if len(found) == 1:
        return known
    for split, each in found.items():
        if set(each.splits) != {"train"}:
            raise ValueError(
                "The data of one split names splits itself. "
                f"Received: {split}, which holds {list(each.splits)}"
            )
        strange = sorted({*each.class_names} - {*known.class_names})
        if strange:
            raise ValueError(
                f"The {split} images have a class that those of train lack. If "
                "the parts are the sets of a few-shot study, name the file of "
                f"one as the task. Received: class={strange[0]!r}"
            )
    ranges = {each.splits["train"].store.value_range for each in found.values()}
    if len(ranges) > 1:
        raise ValueError(
            "The splits have images of different ranges of values. Say what is "
            "black and white by `value_range` (`--value-range`). "
            f"Received: {sorted(map(str, ranges))}"
        )
    names = known.class_names
    splits = {
        split: _renumbered(each.splits["train"], each.class_names, names)
        for split, each in found.items()
    }
    skipped = tuple(x for each in found.values() for x in each.skipped)
    return LabelledSplits(names, splits, skipped, known.form)


def _renumbered(
    split: Split, own: Sequence[str], names: Sequence[str]
) -> Split:
    places = np.array([names.index(name) for name in own], "int32")
    if split.labels.ndim == 2:
        labels = np.zeros((len(split), len(names)), "int32")
        labels[:, places] = split.labels
    else:
        labels = places[split.labels]
    return Split(split.store, split.indices, labels)
