"""How much memory this machine has."""

import contextlib
import functools
import os
import pathlib

# What a container may use, of either version of Linux' control groups.
_LIMITS = (
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)
_UNKNOWN = 1 << 40


@functools.cache
def machine_memory() -> int:
    """Returns the bytes that processes here can use, all together.

    Examples:
        >>> machine_memory() > 1e8
        True
    """
    found = [_UNKNOWN]
    with contextlib.suppress(AttributeError, ValueError, OSError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for place in _LIMITS:
        with contextlib.suppress(ValueError, OSError):
            found.append(int(pathlib.Path(place).read_text(encoding="ascii")))
    return min(size for size in found if size > 0)


def check_memory(what: str, size: int) -> None:
    """Looks whether something fits into memory, before it is taken.

    Examples:
        >>> check_memory("a batch", 1 << 60)
        Traceback (most recent call last):
        ...
        ValueError: a batch takes 1,152,921,504.6 GB, and this machine has ...
    """
    most = machine_memory()
    if size > most:
        raise ValueError(
            f"{what} takes {size / 1e9:,.1f} GB, and this machine has "
            f"{most / 1e9:,.1f} GB of memory"
        )
