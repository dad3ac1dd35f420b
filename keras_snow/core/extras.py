"""Says which extra to install when an optional package is missing."""

import importlib.util


def require(extra: str, *modules: str) -> None:
    """Checks that optional packages are installed.

    Args:
        extra: The extra of this package that brings them.
        *modules: Their names as they are imported.

    Raises:
        ImportError: If one is not, naming the extra to install.

    Examples:
        >>> require("serve", "no_such_package")
        Traceback (most recent call last):
        ...
        ImportError: This needs no_such_package, ...
    """
    missing = [x for x in modules if importlib.util.find_spec(x) is None]
    if missing:
        raise ImportError(
            f"This needs {' and '.join(missing)}, which an extra brings. Run "
            f"`python -m pip install 'keras-snow[{extra}]'`. "
            f"Received: missing={missing}"
        )
