"""What the cells of a table say of the classes of an image."""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.data.class_order import ClassName
from keras_snow.data.readers.columns import is_zero_or_one
from keras_snow.data.readers.table_file import Table

_SIGNS = "|;,"


def read_labels(
    table: Table, places: Sequence[int], multi_label: bool
) -> list[ClassName]:
    """Returns the class of each row, or its classes.

    Args:
        table: The table.
        places: The column of the labels, or several with 0 and 1 in them, which
            bear the names of the classes.
        multi_label: Whether a row may have several classes.

    Raises:
        ValueError: If a cell says neither; the message names the line.

    Examples:
        >>> import pathlib
        >>> path = pathlib.Path("x.csv")
        >>> table = Table(path, ["label"], [("3.0", "4")], [2, 3])
        >>> read_labels(table, [0], multi_label=False)
        ['3', '4']
        >>> table = Table(path, ["y"], [("a|b", "")], [2, 3])
        >>> read_labels(table, [0], multi_label=True)
        [('a', 'b'), ()]
    """
    if len(places) > 1:
        return _of_marks(table, places, multi_label)
    column = table.columns[places[0]]
    if multi_label:
        return _of_lists(table, places[0])
    if any(isinstance(cell, list) for cell in column):
        column = _only_ones(table, places[0])
    distinct = dict.fromkeys(column)
    meaning = {
        cell: _class_of(cell, table, places[0], column) for cell in distinct
    }
    return list(map(meaning.__getitem__, column))


def _class_of(
    cell: Any, table: Table, place: int, column: Sequence[Any]
) -> str:
    """A class name as it is; of numbers only whole ones, `3.0` as `3`."""
    label = "" if cell is None else str(cell)
    problem = ""
    if not label:
        problem = "lacks a path or a label"
    else:
        try:
            number = float(label)
        except ValueError:
            return _named(label, table, place)
        if not math.isfinite(number) or number != int(number):
            problem = "has a label that is neither a name nor a whole number"
    if problem:
        line = table.lines[list(column).index(cell)]
        raise ValueError(
            f"{table.word} {line} of the table {problem}. Received: "
            f"path={str(table.path)!r}, {table.names[place]}={label!r}"
        )
    whole = label if "." not in label else str(int(number))
    return _named(whole, table, place)


def _named(label: str, table: Table, place: int) -> str:
    """A class by its number, where the table knows the names."""
    names = table.names_of.get(table.names[place], ())
    if not names or label in names:
        return label
    if label.isdecimal() and int(label) < len(names):
        return names[int(label)]
    raise ValueError(
        "The table has a label that is none of its classes. "
        f"Received: path={str(table.path)!r}, label={label!r}"
    )


def _only_ones(table: Table, place: int) -> list[Any]:
    """The one class of each list of classes."""
    column = table.columns[place]
    for index, cell in enumerate(column):
        if isinstance(cell, list) and len(cell) != 1:
            what = "several classes" if cell else "no class"
            raise ValueError(
                f"{table.word} {table.lines[index]} has {what}. If an image "
                "may have several, or none, say `multi_label=True` "
                f"(`--multi-label`). Received: path={str(table.path)!r}, "
                f"{table.names[place]}={cell!r:.80}"
            )
    return [cell[0] if isinstance(cell, list) else cell for cell in column]


def _of_marks(
    table: Table, places: Sequence[int], multi_label: bool
) -> list[ClassName]:
    for place in places:
        if not is_zero_or_one(table.columns[place]):
            cell = next(
                x for x in table.columns[place] if not is_zero_or_one([x])
            )
            line = table.lines[list(table.columns[place]).index(cell)]
            raise ValueError(
                f"{table.word} {line} of the table has neither 0 nor 1 in a "
                "column of a class. Several columns of labels with "
                "`multi_label` hold 0 and 1. Received: "
                f"path={str(table.path)!r}, {table.names[place]}={cell!r}"
            )
    names = [table.names[place] for place in places]
    marks = np.array([table.columns[x] for x in places], "float32").T == 1
    if multi_label:
        return [tuple(names[x] for x in np.flatnonzero(row)) for row in marks]
    return [names[x] for x in marks.argmax(axis=1)]


def _of_lists(table: Table, place: int) -> list[ClassName]:
    """Reads `a|b`, `a;b`, `a,b`, `a b`, `["a", "b"]` or a list."""
    column = table.columns[place]
    texts = {x for x in column if isinstance(x, str)}
    signs = [
        x for x in _SIGNS if any(x in text for text in texts if text[:1] != "[")
    ]
    if len(signs) > 1:
        raise ValueError(
            "What separates the classes of an image can't be told, since the "
            f"labels hold {' and '.join(map(repr, signs))}. Received: "
            f"path={str(table.path)!r}, column={table.names[place]!r}"
        )
    sign = signs[0] if signs else None
    meaning = {text: _listed(text, sign) for text in texts}
    found = [_classes_of(cell, meaning) for cell in column]
    return [
        tuple(dict.fromkeys(_named(x, table, place) for x in names))
        for names in found
    ]


def _listed(text: str, sign: str | None) -> tuple[str, ...]:
    if text.startswith("[") and text.endswith("]"):
        try:
            found = json.loads(text.replace("'", '"'))
        except json.JSONDecodeError:
            found = text[1:-1].split()
        return tuple(str(x) for x in found)
    return tuple(x.strip() for x in text.split(sign) if x.strip())


def _classes_of(
    cell: Any, meaning: dict[str, tuple[str, ...]]
) -> tuple[str, ...]:
    if isinstance(cell, str):
        return meaning[cell]
    if cell is None:
        return ()
    cells = cell if isinstance(cell, (list, tuple)) else [cell]
    return tuple(str(x) for x in cells)
