"""Files that are there whole or not at all."""

import contextlib
import errno
import hashlib
import json
import os
import pathlib
import tempfile
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

PathLike = str | os.PathLike[str]


def expand_home(path: PathLike) -> pathlib.Path:
    """Returns a path whose leading `~` is the user's own folder.

    Args:
        path: Any path; one without `~` stays as it is.

    Examples:
        >>> expand_home("runs/birds")
        PosixPath('runs/birds')
    """
    # `pathlib` raises where no user has the name that follows `~`.
    return pathlib.Path(os.path.expanduser(path))


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


def read_json(path: PathLike, keys: Iterable[str] = ()) -> Any:
    """Reads a JSON file.

    Args:
        path: The file to read.
        keys: What it must hold at least, by name. Any JSON will do if there
            are none.

    Raises:
        ValueError: If the file is damaged, or lacks a key.
    """
    try:
        data = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
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
