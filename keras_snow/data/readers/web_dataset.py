"""Opens shards of a WebDataset: tar files of images and labels side by side."""

import json
import pathlib
import tarfile
from collections.abc import Sequence
from typing import Any

from keras_snow.data.image_files import image_endings
from keras_snow.data.readers.slices import Slice
from keras_snow.data.readers.slices import Slices
from keras_snow.data.readers.table_file import Table
from keras_snow.data.task_forms import describe_file


def open_tars(paths: Sequence[pathlib.Path]) -> Table:
    """Opens shards as a table: a row for each image, which is read later.

    Members with the same name up to its first dot belong together: the image,
    and its label in a `.cls` or as a field of a `.json`.

    Args:
        paths: Tar files that are not compressed.

    Raises:
        ValueError: If one is damaged, or holds no images with labels.
    """
    samples: dict[tuple[pathlib.Path, str], dict[str, Any]] = {}
    for path in paths:
        for key, field, value in _members(path):
            sample = samples.setdefault((path, key), {})
            if field == "image" and "image" in sample:
                raise ValueError(
                    "A sample has several images. Received: "
                    f"path={str(path)!r}, sample={key!r}"
                )
            sample[field] = value
    rows = {key: x for key, x in samples.items() if "image" in x}
    names = list(dict.fromkeys(name for x in rows.values() for name in x))
    if not rows or len(names) < 2:
        raise ValueError(describe_file(paths[0]))
    columns: list[Sequence[Any]] = [
        [x.get(name) for x in rows.values()]
        for name in names
        if name != "image"
    ]
    return Table(
        paths[0],
        ["image", *(name for name in names if name != "image")],
        [Slices([x["image"] for x in rows.values()]), *columns],
        [key for _, key in rows],
        word="Sample",
    )


def _members(path: pathlib.Path) -> list[tuple[str, str, Any]]:
    """Returns sample, field and value of each member."""
    endings = image_endings()
    found: list[tuple[str, str, Any]] = []
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                if not member.isfile():
                    continue
                folder, _, name = member.name.rpartition("/")
                stem, _, ending = name.partition(".")
                key = f"{folder}/{stem}" if folder else stem
                if f".{ending.lower().rpartition('.')[2]}" in endings:
                    part = Slice(path, member.offset_data, member.size)
                    found.append((key, "image", part))
                elif ending in ("cls", "json"):
                    file = archive.extractfile(member)
                    text = file.read().decode() if file else ""
                    found += _said(key, ending, text, path)
    except (tarfile.TarError, UnicodeDecodeError) as error:
        raise ValueError(
            f"The tar file can't be read: {error}. Received: path={str(path)!r}"
        ) from error
    return found


def _said(
    key: str, ending: str, text: str, path: pathlib.Path
) -> list[tuple[str, str, Any]]:
    if ending == "cls":
        return [(key, "cls", text.strip())]
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"A `.json` of the tar file is none: {error.msg}. "
            f"Received: path={str(path)!r}, sample={key!r}"
        ) from error
    # What is no word or number, or a list of classes, says no class.
    return [
        (key, name, value)
        for name, value in (fields.items() if isinstance(fields, dict) else ())
        if name != "image" and isinstance(value, (str, int, list))
    ]
