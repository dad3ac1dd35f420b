"""JSON that somebody else may have written."""

import json
from typing import Any

MOST_CHARACTERS = 1 << 26
DEEPEST = 200
"""Levels of lists and names in each other; a model in a model takes eight."""


def parse_json(text: str | bytes) -> Any:
    """Reads JSON, unless it is too long or too deep to be worked with.

    Examples:
        >>> parse_json('{"k": 0.125}')
        {'k': 0.125}
        >>> parse_json("[" * 100_000)
        Traceback (most recent call last):
        ...
        ValueError: its lists lie in each other, more than 200 deep
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"it has more than {MOST_CHARACTERS:,} characters")
    try:
        data = json.loads(text)
    except RecursionError as error:
        raise _too_deep() from error
    level, depth = [[data]], 0
    while level := [part for each in level for part in _parts(each)]:
        depth += 1
        if depth > DEEPEST:
            raise _too_deep()
    return data


def _parts(value: Any) -> Any:
    """What lies in it, of what may hold more."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return ()
    return [x for x in value if isinstance(x, (list, dict))]


def _too_deep() -> ValueError:
    return ValueError(f"its lists lie in each other, more than {DEEPEST} deep")
