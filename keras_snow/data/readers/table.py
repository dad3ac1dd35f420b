"""Reads a task from a table of image paths and labels."""

import dataclasses
import os
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from keras_snow.core.files import expand_home
from keras_snow.data.class_order import ClassName
from keras_snow.data.class_order import order_classes
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledFile
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.labelled_files import Listing
from keras_snow.data.labelled_files import label_encoded
from keras_snow.data.labelled_files import label_files
from keras_snow.data.readers.columns import Columns
from keras_snow.data.readers.columns import find_columns
from keras_snow.data.readers.image_places import Places
from keras_snow.data.readers.image_places import place_images
from keras_snow.data.readers.label_cells import read_labels
from keras_snow.data.readers.reading import Reading
from keras_snow.data.readers.table_file import Table
from keras_snow.data.readers.table_file import open_table


def read_table(
    path: str | os.PathLike[str],
    rules: FileRules | None = None,
    reading: Reading | None = None,
) -> LabelledSplits:
    """Reads image paths, labels and perhaps splits from a table.

    Args:
        path: A table, see `open_table`, whose columns are found by their names
            (see `find_columns`). Without a line of names they are path, label
            and perhaps split. An image that is listed twice alike counts once.
        rules: What is a bad file, and what is done then.
        reading: What the table does not say.

    Raises:
        OSError: If the table or an image can't be read.
        ValueError: If a column, a label or an image is bad; the message names
            the line.

    Examples:
        >>> read_table("missing.csv")
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such file. Received: path='missing.csv'
    """
    table = open_table(expand_home(path))
    return read_rows(table, rules or FileRules(), reading or Reading())


def read_rows(
    table: Table, rules: FileRules, reading: Reading
) -> LabelledSplits:
    """Reads the rows of a table, which names images or holds them.

    Args:
        table: The table.
        rules: What is a bad file, and what is done then.
        reading: What the table does not say.

    Raises:
        OSError: If an image can't be read.
        ValueError: As of `read_table`.
    """
    reading.refuse("a table", *reading.__dict__.keys() - {"part"})
    table, columns = find_columns(table, reading)
    if not len(table.lines):
        raise ValueError(
            "The table lists no images, so the data set is empty. "
            f"Received: path={str(table.path)!r}"
        )
    _check_cells(table, columns)
    if isinstance(table.columns[columns.path][0], (dict, bytes)):
        return _read_encoded(table, columns, rules, reading)
    listed, places = list_files(table, columns, reading)
    files, rows = _each_once(listed, table, reading.multi_label)
    found = label_files(
        files,
        _classes(table, columns, files.class_names),
        places.folder,
        rules,
        lambda index: table.where(rows[index]),
    )
    return _described(found, table, columns, places)


def list_files(
    table: Table, columns: Columns, reading: Reading
) -> tuple[Listing, Places]:
    """Returns the images that a table names, row by row.

    Args:
        table: The table, of which no cell is missing.
        columns: Which column is what.
        reading: What the table does not say.
    """
    names = list(map(str, table.columns[columns.path]))
    places = place_images(names, table.path, reading.images, table.where)
    labels = read_labels(table, columns.labels, reading.multi_label)
    splits = _splits_of(table, columns)
    return Listing(places.paths, labels, splits), places


def _classes(
    table: Table, columns: Columns, labels: Sequence[ClassName]
) -> Sequence[str]:
    """The classes in the order of their numbers."""
    names = [table.names[place] for place in columns.labels]
    if len(names) > 1:
        return names
    ordered = order_classes(labels)
    told = table.names_of.get(names[0], ())
    return [name for name in told if name in ordered] or ordered


def _splits_of(table: Table, columns: Columns) -> Sequence[str]:
    if columns.split is None:
        return ["train"] * len(table.lines)
    return columns.split.of(table)


def _check_cells(table: Table, columns: Columns) -> None:
    needed = [columns.path, *columns.labels]
    needed += [columns.split.place] if columns.split else []
    for place in needed:
        column = table.columns[place]
        if None in column and table.word == "Line":
            line = table.lines[list(column).index(None)]
            raise ValueError(
                f"Line {line} of the table has too few columns. "
                f"Received: path={str(table.path)!r}, "
                f"missing column={table.names[place]!r}"
            )
    column = table.columns[columns.path]
    if not isinstance(column, (list, tuple)) or all(column):
        return
    for index, name in enumerate(column):
        if not name:
            raise ValueError(
                f"{table.word} {table.lines[index]} of the table lacks a path "
                f"or a label. Received: {table.names[columns.path]}={name!r}"
            )


def _each_once(
    files: Listing, table: Table, multi_label: bool
) -> tuple[Listing, Sequence[int]]:
    """The files and their rows, of which none may be said two things of.

    With several classes an image, each row may name one of them.
    """
    paths: Sequence[str] = [*map(str, files.paths)]
    text = "\n".join(paths)
    if "/." in text or "//" in text:
        paths = [os.path.abspath(path) for path in paths]
    if len(set(paths)) == len(paths):
        return files, range(len(paths))
    first: dict[str, tuple[LabelledFile, int]] = {}
    for row, path in enumerate(paths):
        file = files.row(row)
        other, before = first.setdefault(path, (file, row))
        if other[1:] == file[1:]:
            continue
        if multi_label and other.split == file.split:
            both = tuple(dict.fromkeys((*other.class_name, *file.class_name)))
            first[path] = (other._replace(class_name=both), before)
            continue
        _refuse_two(other, file, [table.lines[x] for x in (before, row)])
    kept, rows = zip(*first.values(), strict=True)
    return Listing.of(kept), rows


def _refuse_two(
    other: LabelledFile, file: LabelledFile, lines: Sequence[int]
) -> None:
    if other.split != file.split:
        what, advice = "in two splits", ""
        seen = f"splits={other.split!r} and {file.split!r}"
    else:
        what = "with two labels"
        advice = ", or say `multi_label=True` (`--multi-label`)"
        seen = f"labels={other.class_name!r} and {file.class_name!r}"
    raise ValueError(
        f"The table lists an image {what}, in lines {lines[0]} and {lines[1]}. "
        f"Remove one of them{advice}. "
        f"Received: path={str(file.path)!r}, {seen}"
    )


def _read_encoded(
    table: Table, columns: Columns, rules: FileRules, reading: Reading
) -> LabelledSplits:
    """Reads a table that holds the images themselves."""
    labels = read_labels(table, columns.labels, reading.multi_label)
    splits = _splits_of(table, columns)

    def examples() -> Iterator[tuple[bytes, LabelledFile]]:
        for index, cell in enumerate(table.columns[columns.path]):
            data = _bytes_of(cell, table, index)
            name = table.where(index)
            yield data, LabelledFile(name, labels[index], splits[index])

    names = _classes(table, columns, labels)
    found = label_encoded(examples(), names, table.path.stem, rules)
    return _described(found, table, columns, None)


def _bytes_of(cell: Any, table: Table, index: int) -> bytes:
    """Returns the bytes of an image, or of the file that is named instead."""
    data = cell.get("bytes") if isinstance(cell, dict) else cell
    if data:
        return bytes(data)
    name = cell.get("path") if isinstance(cell, dict) else None
    beside = table.path.parent / str(name or "")
    if not name or not beside.is_file():
        raise ValueError(
            f"{table.word} {table.lines[index]} of the table holds no image. "
            f"Received: path={str(table.path)!r}, image={cell!r:.60}"
        )
    return beside.read_bytes()


def _described(
    found: LabelledSplits,
    table: Table,
    columns: Columns,
    places: Places | None,
) -> LabelledSplits:
    """Adds in a line what was recognised."""
    names = table.names
    images = f"images of `{names[columns.path]}`"
    if places is not None and places.folder != table.path.parent:
        images += f" in {places.folder.name}/"
    if places is not None and places.by_stem:
        images += " (without endings)"
    labels = ", ".join(f"`{names[x]}`" for x in columns.labels[:3])
    more = f" and {len(columns.labels) - 3} more" if columns.labels[3:] else ""
    form = f"table of {len(table.lines):,} rows: {images}, labels of {labels}"
    form += more
    if columns.split is not None:
        form += f", splits of `{names[columns.split.place]}`"
    return dataclasses.replace(found, form=form)
