"""LogLimit: one line of a kind in a while."""

import contextlib
import logging
import time
from collections.abc import Iterator

_NAMES = ("asyncio", "uvicorn.error")
_KINDS = 1000


class LogLimit(logging.Filter):
    """Lets one line of a kind pass in so many seconds.

    What a stranger can cause as often as he likes would fill the disk.

    Args:
        seconds: Until the next.

    Examples:
        >>> limit = LogLimit(60)
        >>> record = logging.makeLogRecord({"msg": "no files are left"})
        >>> limit.filter(record), limit.filter(record)
        (True, False)
    """

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._until: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.getMessage().partition("\n")[0]
        now = time.monotonic()
        if now < self._until.get(kind, 0):
            return False
        if len(self._until) >= _KINDS:
            self._until.clear()
        self._until[kind] = now + self._seconds
        return True


@contextlib.contextmanager
def limited_logs() -> Iterator[None]:
    """Limits what uvicorn and asyncio write while the block runs."""
    limit = LogLimit()
    loggers = [logging.getLogger(name) for name in _NAMES]
    for logger in loggers:
        logger.addFilter(limit)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(limit)
