"""A lock file: one process at a time."""

import contextlib
import pathlib
import time
from collections.abc import Iterator

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
    try:
        import fcntl
    except ImportError:
        yield
        return
    deadline = time.monotonic() + patience
    with path.open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise ValueError(refusal) from error
                time.sleep(_PAUSE)
            except OSError:
                break  # A file system without locks.
        yield
