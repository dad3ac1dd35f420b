"""A lock file: one process at a time."""

import contextlib
import pathlib
import time
from collections.abc import Iterator

import filelock

_PAUSE = 0.05  # Seconds between two tries.


@contextlib.contextmanager
def exclusive(
    path: pathlib.Path, refusal: str, patience: float = 0.0
) -> Iterator[None]:
    """Holds a lock file. The system drops it with the process.

    Where the system, or the file system, has no such locks, nothing is held.

    Args:
        path: The lock file, in a folder that exists.
        refusal: What to say if another process holds it.
        patience: Seconds to wait for the other process.

    Yields:
        Nothing.

    Raises:
        ValueError: If another process still holds it.

    Examples:
        >>> with exclusive(pathlib.Path(".lock"), "Somebody writes here."):
        ...     pass
    """
    deadline = time.monotonic() + patience
    with path.open("a") as file:
        while not _take(file.fileno()):
            if time.monotonic() >= deadline:
                raise ValueError(refusal)
            time.sleep(_PAUSE)
        yield


def _take(descriptor: int) -> bool:
    """Locks a file if nobody has; closing the file gives it back."""
    try:
        return filelock.lock_descriptor(descriptor, blocking=False)
    except OSError:
        return True  # A system, or a file system, without locks.
