"""Where two settings differ, in words."""

from typing import Any


def value_at(data: Any, path: str) -> Any:
    """Returns a value inside of plain data; None if there is none.

    Examples:
        >>> value_at({"recipe": {"epochs": 20}}, "recipe.epochs")
        20
    """
    for name in path.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data


def differences(before: Any, after: Any, name: str = "") -> list[str]:
    """Returns where two settings differ, in words."""
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
