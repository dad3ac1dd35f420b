"""Where two settings differ, in words."""

from typing import Any


def restricted(kept: Any, asked: Any) -> Any:
    """Returns of what is kept the part that is asked for.

    Args:
        kept: Plain data.
        asked: Plain data; what it does not name may be anything.

    Examples:
        >>> restricted({"seed": 0, "k": {"a": 1, "b": 2}}, {"k": {"a": 7}})
        {'k': {'a': 1}}
    """
    if not isinstance(kept, dict) or not isinstance(asked, dict):
        return kept
    return {key: restricted(kept.get(key), asked[key]) for key in asked}


def differences(before: Any, after: Any, name: str = "") -> list[str]:
    """Returns where two settings differ, in words.

    Args:
        before: Plain data.
        after: Plain data.
        name: What they are called.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        found = []
        for key in sorted({*before, *after}):
            path = f"{name}.{key}" if name else key
            found += differences(before.get(key), after.get(key), path)
        return found
    if before == after:
        return []
    return [f"{name} ({_short(before)} there, {_short(after)} now)"]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
