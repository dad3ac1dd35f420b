"""Names of a package that are imported when they are first used."""

import importlib
import sys
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any


def load_on_use(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Returns a package's `__getattr__` and `__dir__`, which know its names.

    So that a part of the package that needs no Keras is there before Keras is.

    Args:
        package: Its name, `__name__`.
        homes: Public names, each with the module of the package that defines
            it. No module may have the name of another's content.

    Examples:
        >>> load, names = load_on_use("keras_snow.sources", {"Tap": "tap"})
        >>> load("Tap").__name__, names()
        ('Tap', ['Tap'])
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}"
            )
        module = importlib.import_module(f"{package}.{homes[name]}")
        value = getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return load, lambda: sorted(homes)
