"""Files that are there whole or not at all."""

import contextlib
import hashlib
import json
import os
import pathlib
import stat
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from keras_snow.core.parse_json import MOST_CHARACTERS
from keras_snow.core.parse_json import parse_json
from keras_snow.core.staging import staging

PathLike = str | os.PathLike[str]


def expand_home(path: PathLike) -> pathlib.Path:
    """Returns a path whose leading `~` is the user's own folder.

    Examples:
        >>> expand_home("runs/birds")
        PosixPath('runs/birds')
    """
    # `pathlib` raises where no user has the name that follows `~`.
    return pathlib.Path(os.path.expanduser(path))


@contextlib.contextmanager
def replace_atomically(path: PathLike) -> Iterator[pathlib.Path]:
    """Yields a path whose file takes the place of `path` at the end.

    A kill at any moment leaves the old file or the new one, and what it leaves
    beside is removed by the next writer in that folder. A new file has the
    permissions that the user's mask leaves, another those of the old one; of a
    link the target is replaced.

    Args:
        path: The file to write. Its folder is made if need be.

    Yields:
        The path to write to, of the same name.
    """
    path = pathlib.Path(path)
    if path.is_symlink():
        path = path.resolve()
    with staging(path) as folder:
        made = folder / path.name
        made.touch()
        yield made
        _flush(made)
        if path.exists():
            made.chmod(stat.S_IMODE(path.stat().st_mode))
        os.replace(made, path)


def _flush(path: pathlib.Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_json(path: PathLike, data: Any) -> None:
    """Writes `data` as JSON, atomically. NaN is refused: it is no JSON."""
    write_text(path, json.dumps(data, indent=2, allow_nan=False) + "\n")


def write_text(path: PathLike, text: str) -> None:
    """Writes text, atomically."""
    with replace_atomically(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_json(path: PathLike, keys: Iterable[str] = ()) -> Any:
    """Reads a JSON file.

    Args:
        path: The file to read.
        keys: What it must hold at least, by name. Any JSON will do if there
            are none.
    """
    try:
        with pathlib.Path(path).open(encoding="utf-8") as file:
            data = parse_json(file.read(MOST_CHARACTERS + 1))
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    for key in keys:
        if not isinstance(data, dict):
            raise _damaged(path, f"it holds no names but {data!r:.40}")
        if key not in data:
            raise _damaged(path, f"it lacks {key!r}")
    return data


def _damaged(path: PathLike, reason: str) -> ValueError:
    return ValueError(
        f"This JSON file is damaged ({reason}). Restore or remove it. "
        f"Received: path={str(path)!r}"
    )


def file_digest(path: PathLike) -> str:
    """Returns the SHA-256 of a file in hexadecimal."""
    with pathlib.Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_name(name: str) -> str:
    """Returns a name that any file system takes.

    Examples:
        >>> file_name("snow:all"), file_name("demo:counting")
        ('snow-all', 'demo-counting')
    """
    for sign in ':/\\*?"<>|':
        name = name.replace(sign, "-")
    return pathlib.PurePath(name).name.lstrip(".") or "task"
