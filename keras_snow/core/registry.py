"""Names for things that can be chosen by name, with hints for a typo."""

import difflib
import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Generic
from typing import TypeVar

T = TypeVar("T")

# A shorter part of a word says little.
LEAST_PART = 3


def nearest_names(
    name: str, known: Iterable[str], also: Mapping[str, str] | None = None
) -> str:
    """Names the known words and, if there is one, the nearest.

    Dashes, underscores and case make no difference, and the first letters of a
    name of several words stand for it.

    Args:
        name: What was asked for.
        known: What there is.
        also: Other words for some of them, such as a long name, each with the
            known one.

    Returns:
        The end of an error message.

    Examples:
        >>> nearest_names("resnet5", ["resnet50", "vgg16"])
        'Did you mean `resnet50`? Known: resnet50, vgg16.'
        >>> nearest_names("finetune", ["fo", "ft"], {"fine_tuning": "ft"})
        'Did you mean `ft`? Known: fo, ft.'
    """
    known = list(known)
    close = find_near(name, {**{word: word for word in known}, **(also or {})})
    hint = f"Did you mean {' or '.join(f'`{each}`' for each in close)}? "
    return f"{hint if close else ''}Known: {', '.join(known)}."


def find_near(name: str, words: Mapping[str, str]) -> list[str]:
    """Returns what the words stand for that are nearest to a name.

    Returns:
        The nearest, at most two of them.

    Examples:
        >>> find_near("lr", {"learning-rate": "--learning-rate"})
        ['--learning-rate']
    """
    asked = _plain(name)
    by_plain = {_plain(word): word for word in reversed([*words])}
    near = [word for word in words if asked and _initials(word) == asked]
    if len(asked) >= LEAST_PART and not near:
        near = [by_plain[x] for x in by_plain if x.startswith(asked)][::-1]
    if not near:
        close = difflib.get_close_matches(asked, by_plain, n=4, cutoff=0.5)
        near = [by_plain[each] for each in close]
    return list(dict.fromkeys(words[word] for word in near))[:2]


def _plain(word: str) -> str:
    return re.sub(r"[-_ .]", "", str(word)).lower()


def _initials(word: str) -> str:
    parts = re.split(r"[-_ ]", word)
    return "".join(part[:1] for part in parts).lower() if parts[1:] else ""


class Registry(Generic[T]):
    """Maps names to objects of one kind.

    Args:
        kind: What is registered, for error messages: `"source"`.
        also: Other words for names, each with its name; only hints know them.

    Examples:
        >>> shapes = Registry("shape")
        >>> @shapes.register("square")
        ... def square():
        ...     return 4
        >>> shapes.get("square")()
        4
    """

    def __init__(
        self, kind: str, also: Mapping[str, str] | None = None
    ) -> None:
        self.kind = kind
        self.also = also or {}
        self._entries: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Returns a decorator that registers its target under `name`."""
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
        """Returns what is registered under `name`."""
        if name not in self._entries:
            raise ValueError(
                f"Unknown {self.kind}. "
                f"{nearest_names(name, self.names(), self.also)} "
                f"Received: {self.kind}={name!r}"
            )
        return self._entries[name]

    def names(self) -> list[str]:
        """Returns the registered names in the order of registration."""
        return list(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries
