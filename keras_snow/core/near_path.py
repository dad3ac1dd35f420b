"""What a path was probably meant to be."""

from __future__ import annotations

import difflib
import itertools
import os
import pathlib

from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home

# More are not looked at: a hint may not take seconds.
MOST_ENTRIES = 10_000
_MOST_TYPOS = 3


def did_you_mean(path: PathLike) -> str:
    """Returns a hint at the nearest path that exists, or nothing.

    Returns:
        A sentence with a space behind it; empty if nothing is near.

    Examples:
        >>> did_you_mean("/no/such/path")
        ''
    """
    near = find_near_path(path)
    return "" if near is None else f"Did you mean `{near}`? "


def find_near_path(path: PathLike) -> str | None:
    """Returns the nearest path that exists; None if there is none.

    Each part of the path that is not there is replaced by the entry of its
    folder whose name is nearest: another ending, another case, a typo.
    """
    wanted = expand_home(path)
    for _ in range(_MOST_TYPOS):
        parts = [*reversed(wanted.parents), wanted]
        missing = next((x for x in parts if not os.path.lexists(x)), None)
        if missing is None:
            return str(wanted)
        name = _near_entry(missing)
        if name is None:
            return None
        rest = wanted.relative_to(missing)
        wanted = missing.parent / name / rest
    return str(wanted) if wanted.exists() else None


def _near_entry(missing: pathlib.Path) -> str | None:
    try:
        with os.scandir(missing.parent) as entries:
            names = [x.name for x in itertools.islice(entries, MOST_ENTRIES)]
    except OSError:
        return None
    shown = sorted(x for x in names if not x.startswith("."))
    asked = missing.name.lower()
    for same in (str.lower, lambda name: pathlib.Path(name).stem.lower()):
        for name in shown:
            if same(name) in (asked, missing.stem.lower()):
                return name
    close = difflib.get_close_matches(missing.name, shown, n=1)
    return close[0] if close else None
