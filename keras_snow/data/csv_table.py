"""Reads a task from a table of image paths and labels."""

import csv
import math
import os
import pathlib
import re
from collections.abc import Sequence

from keras_snow.core.files import expand_home
from keras_snow.core.near_path import did_you_mean
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledFile
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.labelled_files import label_files
from keras_snow.data.split_column import Rows
from keras_snow.data.split_column import SplitColumn
from keras_snow.data.split_column import find_split_column

_COLUMNS = {
    "path": ("path", "file", "filename", "filepath", "image", "imagepath"),
    "label": ("label", "class", "classname", "category", "target"),
}


def read_csv(path: str | os.PathLike[str], rules: FileRules) -> LabelledSplits:
    """Reads image paths, labels and perhaps splits from a table.

    Args:
        path: A file with a line of column names, `path`, `label` and perhaps
            `split` (see `find_split_column`); separated by commas, semicolons
            or tabs. Without such a line the columns have this order. An image
            that is listed twice alike counts once.
        rules: What is a bad file, and what is done then.

    Raises:
        OSError: If the table or an image can't be read.
        ValueError: If a column, a label or an image is bad; the message names
            the line or the file.

    Examples:
        >>> read_csv("missing.csv", FileRules())
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such file. Received: path='missing.csv'
    """
    table = expand_home(path)
    rows, columns, split = _header(_rows_of(table), table)
    root = table.parent
    files = [_file_of(line, row, columns, split, root) for line, row in rows]
    files = _each_once([line for line, _ in rows], files)
    if not files:
        raise ValueError(
            "The table lists no images, so the data set is empty. "
            f"Received: path={str(path)!r}"
        )
    names = _class_names([file.class_name for file in files])
    files = [file._replace(class_name=names[file.class_name]) for file in files]
    class_names = list(dict.fromkeys(names.values()))
    return label_files(files, class_names, root, rules)


def _rows_of(table: pathlib.Path) -> Rows:
    """The rows that are not blank, each with its line number."""
    if not table.is_file():
        raise FileNotFoundError(
            f"There is no such file. {did_you_mean(table)}"
            f"Received: path={str(table)!r}"
        )
    try:
        # Spreadsheets put a byte order mark before the first name.
        text = table.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            "The table must be a text file in UTF-8. "
            f"Received: path={str(table)!r} ({error})"
        ) from error
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    try:
        return [
            (reader.line_num, [cell.strip() for cell in row])
            for row in reader
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise ValueError(
            f"The table can't be read: {error}. "
            f"Received: path={str(table)!r}, line={reader.line_num}"
        ) from error


def _header(
    rows: Rows, table: pathlib.Path
) -> tuple[Rows, dict[str, int], SplitColumn | None]:
    """The rows without the column names, and where each column is."""
    names = list(rows[0][1]) if rows else []
    plain = [re.sub(r"[\W_]+", "", name).lower() for name in names]
    columns = {
        column: plain.index(alias)
        for column, aliases in _COLUMNS.items()
        for alias in aliases[::-1]
        if alias in plain
    }
    if "path" in columns and "label" in columns:
        rows = rows[1:]
    elif columns or len(names) not in (0, 2, 3):
        raise ValueError(
            "The table must have the columns `path` and `label`, and may have "
            f"`split`. Received: path={str(table)!r}, columns={names}"
        )
    else:
        names = ["path", "label", "split"][: len(names)]
        columns = {"path": 0, "label": 1}
    split = find_split_column(names, rows, [*columns.values()])
    return rows, columns, split


def _file_of(
    line: int,
    row: Sequence[str],
    columns: dict[str, int],
    split: SplitColumn | None,
    root: pathlib.Path,
) -> LabelledFile:
    if len(row) <= max(*columns.values(), split.place if split else 0):
        raise ValueError(
            f"Line {line} of the table has too few columns. "
            f"Received: line={list(row)}"
        )
    name, label = row[columns["path"]], row[columns["label"]]
    if not name or not label:
        raise ValueError(
            f"Line {line} of the table lacks a path or a label. "
            f"Received: path={name!r}, label={label!r}"
        )
    part = split.splits[row[split.place]] if split else "train"
    return LabelledFile(root / name, _checked_label(label, line), part)


def _each_once(
    lines: Sequence[int], files: Sequence[LabelledFile]
) -> list[LabelledFile]:
    """The files, of which none may have two labels or lie in two splits."""
    first: dict[str, tuple[int, LabelledFile]] = {}
    for line, file in zip(lines, files, strict=True):
        path = os.path.abspath(file.path)
        before, other = first.setdefault(path, (line, file))
        if other[1:] == file[1:]:
            continue
        if other.class_name != file.class_name:
            what = "with two labels"
            seen = f"labels={other.class_name!r} and {file.class_name!r}"
        else:
            what = "in two splits"
            seen = f"splits={other.split!r} and {file.split!r}"
        raise ValueError(
            f"The table lists an image {what}, in lines {before} and {line}. "
            f"Remove one of them. Received: path={str(file.path)!r}, {seen}"
        )
    return [file for _, file in first.values()]


def _checked_label(label: str, line: int) -> str:
    """A class name as it is; of numbers only whole ones, `3.0` as `3`."""
    try:
        number = float(label)
    except ValueError:
        return label
    if not math.isfinite(number) or number != int(number):
        raise ValueError(
            f"Line {line} of the table has a label that is neither a name nor "
            f"a whole number. Received: label={label!r}"
        )
    return label if "." not in label else str(int(number))


def _class_names(labels: Sequence[str]) -> dict[str, str]:
    """The distinct labels in order: numbers by value, names by alphabet."""
    distinct = set(labels)
    if all(label.lstrip("-").isdecimal() for label in distinct):
        negative = sorted(label for label in distinct if int(label) < 0)
        if negative:
            raise ValueError(
                "Labels that are numbers must not be negative. "
                f"Received: label={negative[0]}"
            )
        ordered = sorted(distinct, key=lambda label: (int(label), label))
        return {label: label for label in ordered}
    return {label: label for label in sorted(distinct)}
