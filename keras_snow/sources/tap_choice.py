"""Taps that are chosen by their place, not by their names."""

import re
from collections.abc import Sequence

_RULE = re.compile(r"(last|every):(\d+)|(-?\d+)")


def is_place(choice: str | int) -> bool:
    """Tells whether a choice says a place: `last:4`, `every:2` or `-1`.

    Args:
        choice: What may be the name of a layer.

    Examples:
        >>> is_place("last:4"), is_place(-1), is_place("pool1")
        (True, True, False)
    """
    return _RULE.fullmatch(str(choice)) is not None


def choose_taps(
    choices: Sequence[str | int], places: Sequence[str]
) -> list[str]:
    """Returns the names of the layers to tap.

    Args:
        choices: Names, which are kept as they are, and places: `last:N`,
            `every:N` (counted from the last), or an index, below 0 from the
            last.
        places: The names that places count, in the order of depth.

    Raises:
        ValueError: If there is no such place.

    Examples:
        >>> choose_taps(["stem", "last:2", -4], ["a", "b", "c", "d"])
        ['stem', 'c', 'd', 'a']
        >>> choose_taps(["every:2"], ["a", "b", "c", "d"])
        ['b', 'd']
    """
    names: list[str] = []
    for choice in choices:
        names += _chosen(str(choice), places)
    return list(dict.fromkeys(names))


def _chosen(choice: str, places: Sequence[str]) -> Sequence[str]:
    found = _RULE.fullmatch(choice)
    if found is None:
        return [choice]
    rule, number, index = found.groups()
    count = int(number or 1)
    if rule and not 0 < count <= len(places):
        raise ValueError(
            f"`{rule}:N` needs an N from 1 to {len(places)}, the number of "
            f"block ends. Received: taps={choice}"
        )
    if rule == "last":
        return places[-count:]
    if rule == "every":
        return places[::-1][::count][::-1]
    if not -len(places) <= int(index) < len(places):
        raise ValueError(
            f"The source has {len(places)} block ends, so an index is from "
            f"{-len(places)} to {len(places) - 1}. Received: taps={choice}"
        )
    return [places[int(index)]]
