"""Which column of a table says the split of each row."""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

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

Rows = Sequence[tuple[int, Sequence[str]]]


class SplitColumn(NamedTuple):
    """A column, and the split that each of its values stands for."""

    place: int
    splits: Mapping[str, str]


def find_split_column(
    names: Sequence[str], rows: Rows, others: Sequence[int]
) -> SplitColumn | None:
    """Returns the column that says which split a row belongs to.

    That is the one called `split`, or else one whose values are names of
    splits, or one such as `is_training` with yes and no.

    Args:
        names: Of the columns.
        rows: The rows, each with the number of its line.
        others: Places of the columns that say something else.

    Returns:
        The column; None if there is none.

    Raises:
        ValueError: If a value of the column is no name of a split, or several
            columns say different things.

    Examples:
        >>> rows = [(2, ["a.png", "Testing"]), (3, ["b.png", "Training"])]
        >>> find_split_column(["file", "Data Set"], rows, [0])
        SplitColumn(place=1, splits={'Testing': 'test', 'Training': 'train'})
    """
    places = [place for place in range(len(names)) if place not in others]
    called = [place for place in places if names[place].lower() == "split"]
    found: dict[tuple[str, ...], SplitColumn] = {}
    for place in called or places:
        lines = {row[place]: line for line, row in rows if place < len(row)}
        splits = _read(names[place], [*lines])
        if splits is None:
            continue
        for value, line in lines.items():
            if value not in splits:
                raise ValueError(
                    f"Line {line} of the table has an unknown split; it must "
                    "be train, validation or test. "
                    f"Received: {names[place]}={value!r}"
                )
        meaning = tuple(splits[x[place]] for _, x in rows if place < len(x))
        found.setdefault(meaning, SplitColumn(place, splits))
    if len(found) > 1:
        raise ValueError(
            "Several columns of the table name splits, and not the same. Call "
            "the one that counts `split`. Received: columns="
            f"{[names[column.place] for column in found.values()]}"
        )
    return next(iter(found.values()), None)


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
