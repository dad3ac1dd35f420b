"""Which columns of a table name the image, the label and the split."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from keras_snow.core.registry import nearest_names
from keras_snow.data.readers.reading import Reading
from keras_snow.data.readers.split_column import SplitColumn
from keras_snow.data.readers.split_column import find_split_column
from keras_snow.data.readers.table_file import Table
from keras_snow.data.split_names import SPLITS
from keras_snow.data.split_names import roles_of

# In the order in which they count, without signs and case.
_PATHS = (
    "((image|img|file)?path|(image|img)?file(name)?|fname)s?",
    "(image|img|photo|picture)(name)?s?",
    "(image|img|photo)?(id|key)",
)
_LABELS = (
    "labels?|class(es)?|(class|category|label)name|categor(y|ies)|targets?|y"
    "|cls|class(label|text)",
    "(class|category|label)(id|idx|index)",
)
_ONE_HOT = {"0", "1", "0.0", "1.0"}
_TELL = (
    "Say it by `path_column` and `label_column` (`--path-column`, "
    "`--label-column`)"
)


class Columns(NamedTuple):
    """Places of columns.

    Args:
        path: Of the images.
        labels: Of the labels: one, or several with 0 and 1 in them.
        split: Of the splits, if there is such a column.
    """

    path: int
    labels: tuple[int, ...]
    split: SplitColumn | None


def find_columns(table: Table, reading: Reading) -> tuple[Table, Columns]:
    """Finds the columns of a table by what the user says, or their names.

    Args:
        table: The table.
        reading: What the user says.

    Returns:
        The table without the line of names, and the columns.

    Raises:
        ValueError: If that can't be known; the message shows the columns.

    Examples:
        >>> import pathlib
        >>> table = Table(pathlib.Path("x.csv"), ["id", "breed"],
        ...               [("id", "7.png"), ("breed", "corgi")], [1, 2], None)
        >>> table, columns = find_columns(table, Reading())
        >>> columns.path, columns.labels, table.columns[1]
        (0, (1,), ('corgi',))
    """
    path = _told(table, reading.path_column)
    labels = [_told(table, name) for name in reading.label_columns]
    plain = [re.sub(r"[\W_]+", "", name).lower() for name in table.names]
    if path is None:
        found = _called(plain, _PATHS, labels)
        path = found[0] if found else None
    if not labels:
        labels = _called_labels(table, plain, path)
    if path is None and not labels and table.headed is None:
        table = _unnamed(table)
        path, labels = 0, [1]
    elif table.headed is None:
        table = table._replace(
            columns=[column[1:] for column in table.columns],
            lines=table.lines[1:],
            headed=True,
        )
    known = [x for x in (path, *labels) if x is not None]
    split = find_split_column(table, known)
    rest = [
        place
        for place in range(len(table.names))
        if place not in known and (split is None or place != split.place)
    ]
    if path is None and len(rest) == 1:
        path, rest = rest[0], []
    if not labels:
        labels = _rest_of_labels(table, rest, reading.multi_label)
    if path is None or not labels:
        raise ValueError(
            "The table must have the columns `path` and `label`, and may have "
            f"`split`. {_TELL}. Received: path={str(table.path)!r}, "
            f"columns={table.names}"
        )
    return table, Columns(
        path, tuple(x for x in labels if x is not None), split
    )


def is_zero_or_one(column: Sequence[object]) -> bool:
    """Tells whether all cells are 0 or 1.

    Args:
        column: The cells.

    Examples:
        >>> is_zero_or_one(["1", "0.0", 1]), is_zero_or_one(["1", "2"])
        (True, False)
    """
    return {str(x) for x in set(column)} <= _ONE_HOT


def _told(table: Table, name: str | None) -> int | None:
    if name is None:
        return None
    if name not in table.names:
        raise ValueError(
            f"The table has no such column. {nearest_names(name, table.names)} "
            f"Received: path={str(table.path)!r}, column={name!r}"
        )
    return table.names.index(name)


def _called(
    plain: Sequence[str], patterns: Sequence[str], others: Sequence[int | None]
) -> list[int]:
    """Returns the columns whose names match, those that count more first."""
    return [
        place
        for pattern in patterns
        for place, name in enumerate(plain)
        if place not in others and re.fullmatch(pattern, name)
    ]


def _called_labels(
    table: Table, plain: Sequence[str], path: int | None
) -> list[int | None]:
    """Returns the column that is called so; of several if they say the same."""
    found = _called(plain, _LABELS, [path])
    if len(found) < 2:
        return [*found]
    columns = [list(map(str, table.columns[place])) for place in found]
    pairs = len(set(zip(*columns, strict=True)))
    if any(len(set(column)) != pairs for column in columns):
        names = [table.names[place] for place in found]
        raise ValueError(
            "Several columns of the table may be the label, and they do not "
            "say the same. Name one by `label_column` (`--label-column`), or "
            "several, each a task. "
            f"Received: path={str(table.path)!r}, columns={names}"
        )
    # Words rather than numbers.
    words = [x for x in found if not _are_numbers(table.columns[x][1:])]
    return [(words or found)[0]]


def _are_numbers(column: Sequence[object]) -> bool:
    return all(re.fullmatch(r"-?[\d.]+", str(x)) for x in set(column))


def _unnamed(table: Table) -> Table:
    third = set(map(str, table.columns[2])) if len(table.names) > 2 else set()
    strange = third and not set(roles_of(third).values()) & {*SPLITS}
    if len(table.names) not in (0, 2, 3) or strange:
        raise ValueError(
            "The table must have the columns `path` and `label`, and may have "
            f"`split`. {_TELL}. Received: path={str(table.path)!r}, "
            f"columns={table.names}"
        )
    names = ["path", "label", "split"][: len(table.names)]
    return table._replace(names=names, headed=True)


def _rest_of_labels(
    table: Table, rest: Sequence[int], multi_label: bool
) -> list[int | None]:
    """Returns what is left if it can only be the labels."""
    if len(rest) == 1 and not multi_label:
        return [*rest]
    marks = [x for x in rest if is_zero_or_one(table.columns[x])]
    if multi_label:
        return [*marks] if len(marks) == len(rest) else []
    if len(marks) < 2 or not len(table.lines):
        return []
    rows = np.array([table.columns[x] for x in marks], "float32")
    several = np.flatnonzero(rows.sum(axis=0) != 1)
    if len(several):
        raise ValueError(
            f"{table.word} {table.lines[several[0]]} of the table has a 1 in "
            "several columns, or in none. If an image may have several "
            "classes, say `multi_label=True` (`--multi-label`); or name one "
            "column by `label_column` (`--label-column`). Received: "
            f"path={str(table.path)!r}, "
            f"columns={[table.names[x] for x in marks]}"
        )
    return [*marks]
