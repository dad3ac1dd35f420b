"""Files that are there whole or not at all."""

import contextlib
import errno
import hashlib
import json
import os
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any

PathLike = str | os.PathLike[str]


@contextlib.contextmanager
def replace_atomically(path: PathLike) -> Iterator[pathlib.Path]:
    """Yields a temporary path whose file takes the place of `path` at the end.

    A kill at any moment leaves the old file or the new one. The temporary file
    lies in the same folder and keeps the ending, which Keras asks for.

    Args:
        path: The file to write. Its folder is made if need be.

    Yields:
        The path to write to.

    Raises:
        OSError: If there is no space left; the old file is kept.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent
    )
    os.close(handle)
    temporary = pathlib.Path(name)
    try:
        yield temporary
        _flush(temporary)
        temporary.chmod(0o644)
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            raise OSError(
                errno.ENOSPC,
                f"No space left to write `{path}`. What was there before is "
                "kept; free some space and start again",
            ) from error
        raise
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _flush(path: pathlib.Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_json(path: PathLike, data: Any) -> None:
    """Writes `data` as JSON, atomically.

    Args:
        path: The file to write.
        data: What `json` can write. NaN is refused: it is no JSON.
    """
    text = json.dumps(data, indent=2, allow_nan=False)
    with replace_atomically(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def read_json(path: PathLike) -> Any:
    """Reads a JSON file.

    Args:
        path: The file to read.

    Raises:
        ValueError: If the file is damaged.
    """
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"This JSON file is damaged ({error}). Restore or remove it. "
            f"Received: path={str(path)!r}"
        ) from error


def file_digest(path: PathLike) -> str:
    """Returns the SHA-256 of a file in hexadecimal.

    Args:
        path: The file to read.
    """
    with pathlib.Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_name(name: str) -> str:
    """Returns a name that any file system takes.

    Args:
        name: Of a task or an entry.

    Examples:
        >>> file_name("snow:all"), file_name("demo:counting")
        ('snow-all', 'demo-counting')
    """
    for sign in ':/\\*?"<>|':
        name = name.replace(sign, "-")
    return pathlib.PurePath(name).name.lstrip(".") or "task"
