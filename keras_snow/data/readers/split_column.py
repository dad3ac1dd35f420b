"""Which column of a table says the split of each row."""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from keras_snow.data.readers.table_file import Table
from keras_snow.data.split_names import SPLITS
from keras_snow.data.split_names import roles_of
from keras_snow.data.split_names import words_of

# A column of such a name is meant so; of a further name if a split is in it.
_STRICT = re.compile("split|subset|part")
_LIKELY = re.compile(
    "(data|image)?(set|split|subset|part|partition)s?|phase|usage"
)
_MOST_VALUES = 50
_YES = {"1", "1.0", "true", "yes", "y", "t"}
_NO = {"0", "0.0", "false", "no", "n", "f"}


class SplitColumn(NamedTuple):
    """A column, and the split that each of its values stands for."""

    place: int
    splits: Mapping[str, str]

    def of(self, table: Table) -> list[str]:
        """Returns the split of each row; `""` where a row is too short.

        Args:
            table: The table.
        """
        column = table.columns[self.place]
        meaning = {x: self.splits.get(str(x), "") for x in {*column}}
        return list(map(meaning.__getitem__, column))


def find_split_column(
    table: Table, others: Sequence[int]
) -> SplitColumn | None:
    """Returns the column that says which split a row belongs to.

    That is the one called `split`, or else one whose values are names of
    splits, or one such as `is_training` with yes and no.

    Args:
        table: The table, without the line of names.
        others: Places of the columns that say something else.

    Returns:
        The column; None if there is none.

    Raises:
        ValueError: If a value of the column is no name of a split, or several
            columns say different things.

    Examples:
        >>> import pathlib
        >>> columns = [("a.png", "b.png"), ("Testing", "Training")]
        >>> names = ["file", "Data Set"]
        >>> table = Table(pathlib.Path("x.csv"), names, columns, [2, 3])
        >>> sorted(find_split_column(table, [0]).splits.items())
        [('Testing', 'test'), ('Training', 'train')]
    """
    names = table.names
    places = [place for place in range(len(names)) if place not in others]
    called = [place for place in places if names[place].lower() == "split"]
    found: list[SplitColumn] = []
    for place in called or places:
        column = table.columns[place]
        values = _texts_of(column)
        splits = None if values is None else _read(names[place], values)
        if splits is None:
            continue
        _refuse_others(table, place, splits)
        found.append(SplitColumn(place, splits))
    # One that says no more than another makes no difference.
    if any(x.of(table) != found[0].of(table) for x in found[1:]):
        raise ValueError(
            "Several columns of the table name splits, and not the same. Call "
            "the one that counts `split`. Received: columns="
            f"{[names[column.place] for column in found]}"
        )
    return found[0] if found else None


def _texts_of(column: Sequence[object]) -> list[str] | None:
    """Returns the distinct cells; None if they are no texts or numbers."""
    try:
        values = dict.fromkeys(column)
    except TypeError:  # Lists, or images.
        return None
    return [str(x) for x in values if x is not None]


def _refuse_others(table: Table, place: int, splits: Mapping[str, str]) -> None:
    column = table.columns[place]
    if {str(x) for x in {*column} - {None}} <= {*splits}:
        return
    for index, cell in enumerate(column):
        if cell is not None and str(cell) not in splits:
            raise ValueError(
                f"{table.word} {table.lines[index]} of the table has an "
                "unknown split; it must be train, validation or test. "
                f"Received: {table.names[place]}={cell!r}"
            )


def _read(name: str, values: Sequence[str]) -> dict[str, str] | None:
    """Returns the splits of a column's values; None if it is no such column."""
    said = [value for value in values if value]
    words = "".join(words_of(name))
    strict = _STRICT.fullmatch(words)
    if len(said) > _MOST_VALUES and not strict:
        return None
    asks = _asked(name)
    if asks and said and {x.lower() for x in said} <= _YES | _NO:
        other = "test" if asks == "train" else "train"
        return {x: asks if x.lower() in _YES else other for x in said}
    roles = roles_of(said)
    splits = {x: str(role) for x, role in roles.items() if role in SPLITS}
    if strict or _LIKELY.fullmatch(words):
        return splits if strict or splits else None
    # By its values alone: all of them, and train among others.
    several = {"train"} < set(splits.values())
    return splits if several and len(splits) == len(said) else None


def _asked(name: str) -> str | None:
    """Returns the split that a yes in a column of this name stands for."""
    words = [word for word in words_of(name) if word not in ("is", "in")]
    role = roles_of(["_".join(words)])["_".join(words)]
    return role if role in SPLITS else None
