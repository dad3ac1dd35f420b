"""Opens a table, whatever it is written in, as columns."""

import csv
import itertools
import json
import operator
import pathlib
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from keras_snow.core.near_path import did_you_mean
from keras_snow.data.task_forms import describe_file

TEXTS = (".csv", ".tsv", ".txt", ".lst", ".list")
TABLES = (*TEXTS, ".json", ".jsonl", ".ndjson")


class Table(NamedTuple):
    """The columns of a table.

    Args:
        path: The file.
        names: Of the columns. If `headed` is None they may be the first row.
        columns: The cells of each; None where a row has too few.
        lines: The number of each row in the file, or its name.
        headed: Whether the names are names; None if that is to be found out.
        word: What a row is called.
        names_of: Class names by column, where the numbers of a column have
            names.
    """

    path: pathlib.Path
    names: list[str]
    columns: list[Sequence[Any]]
    lines: Sequence[Any]
    headed: bool | None = True
    word: str = "Line"
    names_of: Mapping[str, tuple[str, ...]] = {}

    def where(self, index: int) -> str:
        """Returns where a row is, for messages.

        Args:
            index: Its number, from 0.
        """
        return f"{self.word.lower()} {self.lines[index]} of {self.path.name}"


def open_table(path: pathlib.Path) -> Table:
    r"""Opens a table by the ending of its name.

    Args:
        path: `.csv`, `.tsv`; a list of words, `.txt` or `.lst`; or records in
            `.json` or `.jsonl`.

    Raises:
        OSError: If it can't be read.
        ValueError: If it is damaged; the message names the line.

    Examples:
        >>> _ = pathlib.Path("pets.txt").write_text("a.png cat\nb.png dog\n")
        >>> open_table(pathlib.Path("pets.txt")).columns
        [['a.png', 'b.png'], ['cat', 'dog']]
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no such file. {did_you_mean(path)}"
            f"Received: path={str(path)!r}"
        )
    ending = path.suffix.lower()
    text = _text_of(path)
    if ending in (".json", ".jsonl", ".ndjson"):
        return _of_records(path, text, ending != ".json")
    return _of_text(path, text)


def _text_of(path: pathlib.Path) -> str:
    try:
        # Spreadsheets put a byte order mark before the first name.
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            "The table must be a text file in UTF-8. "
            f"Received: path={str(path)!r} ({error})"
        ) from error


def _of_text(path: pathlib.Path, text: str) -> Table:
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    separator = max(",;\t", key=first.count)
    width = first.count(separator) + 1
    if width == 1 and path.suffix.lower() not in (".csv", ".tsv"):
        # A list of paths, which may hold spaces, and labels, which do not.
        rows = [line.rsplit(None, 1) for line in lines]
        if max(map(len, rows), default=0) < 2:
            raise ValueError(describe_file(path))
        return _of_rows(path, rows, range(1, len(rows) + 1))
    columns = _plain_columns(lines, separator, width)
    if columns is None:
        return _of_rows(path, *_cells_of(path, lines, separator))
    names = [column[0] for column in columns]
    numbers = range(1, len(lines) + 1)
    return Table(path, names, [*columns], numbers, headed=None)


def _plain_columns(
    lines: Sequence[str], separator: str, width: int
) -> list[list[str]] | None:
    """Returns the columns if no cell is quoted, padded, absent or blank.

    Rows as lists of their own would take several times as long.
    """
    text = "\n".join(lines)
    inside = f"\n{text}\n".replace(separator, "\n")
    blank = "\n" * (width + 1)
    odd = ('"', "\n ", " \n", "\n\t", "\t\n")
    counted = set(map(operator.methodcaller("count", separator), lines))
    if counted != {width - 1} or any(x in inside for x in odd):
        return None
    if blank in inside:
        return None
    cells = inside[1:-1].split("\n")
    return [cells[place::width] for place in range(width)]


def _of_rows(
    path: pathlib.Path, rows: Sequence[list[str]], numbers: Sequence[int]
) -> Table:
    kept = [index for index, row in enumerate(rows) if "".join(row).strip()]
    columns = [
        [x if x is None else x.strip() for x in column]
        for column in itertools.zip_longest(*[rows[index] for index in kept])
    ]
    names = [str(column[0] or "") for column in columns]
    lines = [numbers[index] for index in kept]
    return Table(path, names, [*columns], lines, headed=None)


def _cells_of(
    path: pathlib.Path, lines: Sequence[str], separator: str
) -> tuple[list[list[str]], Sequence[int]]:
    """Returns the rows, and the number of the line that each ends with."""
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    try:
        for row in reader:
            rows.append(row)
            numbers.append(reader.line_num)
    except csv.Error as error:
        raise ValueError(
            f"The table can't be read: {error}. "
            f"Received: path={str(path)!r}, line={reader.line_num}"
        ) from error
    return rows, numbers


def _of_records(path: pathlib.Path, text: str, by_line: bool) -> Table:
    """Reads `{column: cell}` records: a line each, or one list of them."""
    parts = text.splitlines() if by_line else [text]
    records: list[Any] = []
    numbers: list[int] = []
    found: Any = None
    for number, part in enumerate(parts, 1):
        if not part.strip():
            continue
        try:
            found = json.loads(part)
        except json.JSONDecodeError as error:
            line = number if by_line else error.lineno
            raise ValueError(
                f"Line {line} of the file is no JSON: {error.msg}. "
                f"Received: path={str(path)!r}"
            ) from error
        records += [found] if by_line else _listed(found, path)
        numbers.append(number)
    if not by_line and is_coco(found):
        from keras_snow.data.readers.coco import open_coco

        return open_coco(path, found)
    for index, record in enumerate(records):
        if not isinstance(record, dict):
            raise ValueError(
                f"Record {index + 1} of the file must be an object with the "
                "names of columns. "
                f"Received: path={str(path)!r}, record={record!r:.60}"
            )
    names = list(dict.fromkeys(name for x in records for name in x))
    columns = [tuple(x.get(name) for x in records) for name in names]
    if by_line:
        return Table(path, names, [*columns], numbers)
    counted = range(1, len(records) + 1)
    return Table(path, names, [*columns], counted, word="Record")


def is_coco(found: Any) -> bool:
    """Tells whether a JSON file holds annotations as COCO writes them.

    Args:
        found: What it holds.

    Examples:
        >>> is_coco({"images": [], "annotations": [], "categories": []})
        True
    """
    return isinstance(found, dict) and {"images", "annotations"} <= {*found}


def _listed(found: Any, path: pathlib.Path) -> list[Any]:
    if isinstance(found, dict) and all(
        isinstance(x, str) for x in found.values()
    ):
        return [{"path": name, "label": x} for name, x in found.items()]
    if is_coco(found):
        return []
    if not isinstance(found, list):
        keys = sorted(found)[:6] if isinstance(found, dict) else found
        raise ValueError(
            "The JSON file must hold a list of records with a path and a label "
            "each, a label for each path, or `images`, `annotations` and "
            f"`categories` as COCO does. Received: path={str(path)!r}, "
            f"keys={keys!r:.80}"
        )
    return found
