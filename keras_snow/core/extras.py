"""Says how to install what an optional part of the package needs."""

import importlib.metadata
import importlib.util
import pathlib
import re
import shlex

_NAME = "keras-snow"
_ROOT = pathlib.Path(__file__).resolve().parents[2]


def require(extra: str, *modules: str) -> None:
    """Checks that optional packages are installed.

    Examples:
        >>> require("serve", "no_such_package")
        Traceback (most recent call last):
        ...
        ImportError: This needs no_such_package. Run ...
    """
    missing = [x for x in modules if importlib.util.find_spec(x) is None]
    if missing:
        raise ImportError(
            f"This needs {' and '.join(missing)}. Run "
            f"`{install_command(extra)}`. Received: missing={missing}"
        )


def install_command(*extras: str) -> str:
    """Returns the command that installs extras of this package.

    In a clone it installs the clone's own extras; elsewhere the packages that
    they stand for, since this package is on no index.

    Examples:
        >>> install_command("cpu").startswith(("cd ", "python -m pip install"))
        True
    """
    if (_ROOT / "pyproject.toml").is_file():
        command = f'python -m pip install -e ".[{",".join(extras)}]"'
        if pathlib.Path.cwd() == _ROOT:
            return command
        return f"cd {shlex.quote(str(_ROOT))} && {command}"
    needed = [f'"{each}"' for each in _requirements(extras)]
    return f"python -m pip install {' '.join(needed)}"


def _requirements(extras: tuple[str, ...]) -> list[str]:
    """Returns what the installed package's metadata says of its extras."""
    found = []
    for line in importlib.metadata.requires(_NAME) or ():
        package, _, marker = line.partition(";")
        named = re.search(r"""extra == ['"](.+?)['"]""", marker)
        if named and named[1] in extras:
            found.append(package.strip())
    return found
