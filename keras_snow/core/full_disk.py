"""A disk without space, told in one sentence."""

import contextlib
import errno
import os
import pathlib
import re
import shutil
import tempfile
from collections.abc import Iterator

_CODES = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
# TensorFlow, HDF5 and OpenVINO keep the system's words, or their own.
_WORDS = (
    "no space left on device",
    "disk quota exceeded",
    "iostream error",
)
_LITTLE = 1 << 16  # Bytes; below this a disk is full.


@contextlib.contextmanager
def told_if_full(path: str | os.PathLike[str]) -> Iterator[None]:
    """Makes one sentence of whatever a library raises on a full disk.

    Examples:
        >>> with told_if_full("runs/last.npz"):
        ...     raise OSError(errno.ENOSPC, "No space left on device")
        Traceback (most recent call last):
        ...
        OSError: [Errno 28] No space left to write `runs/last.npz`. ...
    """
    try:
        yield
    except Exception as error:
        folder = pathlib.Path(path).absolute().parent
        causes = _causes(error)
        if not any(map(_says_full, causes)) and not _on_full(error, folder):
            raise
        sentence = _sentence(path, folder, "".join(map(str, causes)))
        raise OSError(errno.ENOSPC, sentence) from error


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _CODES:
        return True
    return any(words in str(error).lower() for words in _WORDS)


def _on_full(error: Exception, folder: pathlib.Path) -> bool:
    """Tells whether a library failed, and a disk is full. Ours say why."""
    if isinstance(error, (ValueError, TypeError)):
        return False
    return min(map(_free, (folder, _temporary()))) < _LITTLE


def _sentence(
    path: str | os.PathLike[str], folder: pathlib.Path, causes: str
) -> str:
    temporary = _temporary()
    path_there = rf"(?<![\w/.-]){re.escape(str(temporary))}/"
    named = re.search(path_there, causes) or _free(temporary) < _LITTLE
    if named and not folder.is_relative_to(temporary):
        return (
            f"No space left in `{temporary}`, where files lie while `{path}` "
            "is written. Free some space, or set TMPDIR to another folder"
        )
    return (
        f"No space left to write `{path}`. What was there before is kept; free "
        "some space and start again"
    )


def _temporary() -> pathlib.Path:
    return pathlib.Path(tempfile.gettempdir())


def _free(folder: pathlib.Path) -> int:
    for place in (folder, *folder.parents):
        if place.exists():
            return shutil.disk_usage(place).free
    return 0
