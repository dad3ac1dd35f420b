"""Whose an output is while it is written."""

import contextlib
import pathlib
from collections.abc import Iterator

from keras_snow.core.lock import exclusive

_LOCK = ".lock"


@contextlib.contextmanager
def claimed_folder(folder: pathlib.Path, doing: str) -> Iterator[None]:
    """Holds an output folder for this process.

    Args:
        folder: The folder; made if need be, and removed again if an error
            leaves it empty.
        doing: What the process that holds it does, for the message.

    Examples:
        >>> with claimed_folder(pathlib.Path("runs"), "training"):
        ...     pass
    """
    folder.mkdir(parents=True, exist_ok=True)
    refusal = (
        f"Another process is {doing} in this output folder. Wait for it, stop "
        f"it, or choose another folder. Received: out={str(folder)!r}"
    )
    try:
        with exclusive(folder / _LOCK, refusal):
            yield
    except BaseException:
        if [x.name for x in folder.glob("*")] == [_LOCK]:
            with contextlib.suppress(OSError):
                (folder / _LOCK).unlink()
                folder.rmdir()
        raise


@contextlib.contextmanager
def claimed_name(path: pathlib.Path, doing: str) -> Iterator[None]:
    """Holds the name of a file that is to be, for this process.

    Args:
        path: The file; its folder is made if need be.
        doing: What the process that holds it does, for the message.

    Examples:
        >>> with claimed_name(pathlib.Path("shop.onnx"), "writing"):
        ...     pass
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f".{path.name}.lock")
    refusal = (
        f"Another process is {doing} this file. Wait for it, stop it, or "
        f"choose another path. Received: path={str(path)!r}"
    )
    with exclusive(lock, refusal):
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                lock.unlink()
