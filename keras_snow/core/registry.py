"""Names for things that can be chosen by name, with hints for a typo."""

import difflib
from collections.abc import Callable
from typing import Generic
from typing import TypeVar

T = TypeVar("T")


def nearest_names(name: str, known: list[str]) -> str:
    """Names the known words and, if there is one, the nearest.

    Args:
        name: What was asked for.
        known: What there is.

    Returns:
        The end of an error message.

    Examples:
        >>> nearest_names("resnet5", ["resnet50", "vgg16"])
        'Did you mean `resnet50`? Known: resnet50, vgg16.'
    """
    close = difflib.get_close_matches(str(name).lower(), known, n=2, cutoff=0.5)
    hint = f"Did you mean {' or '.join(f'`{c}`' for c in close)}? "
    return f"{hint if close else ''}Known: {', '.join(known)}."


class Registry(Generic[T]):
    """Maps names to objects of one kind.

    Args:
        kind: What is registered, for error messages: `"source"`.

    Examples:
        >>> shapes = Registry("shape")
        >>> @shapes.register("square")
        ... def square():
        ...     return 4
        >>> shapes.get("square")()
        4
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Returns a decorator that registers its target under `name`.

        Args:
            name: The name. Must be free.

        Raises:
            ValueError: If the name is taken.
        """
        if name in self._entries:
            raise ValueError(
                f"A {self.kind} of this name is registered already. Choose "
                f"another name. Received: name={name!r}"
            )

        def keep(entry: T) -> T:
            self._entries[name] = entry
            return entry

        return keep

    def get(self, name: str) -> T:
        """Returns what is registered under `name`.

        Args:
            name: A registered name.

        Raises:
            ValueError: If nothing is; lists the known and the nearest names.
        """
        if name not in self._entries:
            raise ValueError(
                f"Unknown {self.kind}. {nearest_names(name, self.names())} "
                f"Received: {self.kind}={name!r}"
            )
        return self._entries[name]

    def names(self) -> list[str]:
        """Returns the registered names in the order of registration."""
        return list(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries
