"""Peers: ends this process when another one of the run is gone."""

import contextlib
import os
import select
import sys
import threading
import time
from collections.abc import Iterator
from typing import NoReturn

from keras_snow.core.errors import sentence_of
from keras_snow.training.roll_call import Line

LOST = 1  # Exit code of a process whose run broke elsewhere.
GRACE = 2.0  # Seconds in which a failure here may turn out to be elsewhere.
PATIENCE = 6.0  # Seconds in which the others may fail alike.
_GO_ON = (
    "This process ends, too. The same command on all hosts goes on after the "
    "last whole epoch."
)


class Peers:
    """Watches the other processes of a run, from a thread.

    A process waits in each step for the others, for ever if one is gone. So
    once one hangs up, or fails alone, this one says so in a sentence and ends
    with exit code 1, without Python's own goodbye, which would wait as well.

    Args:
        lines: Connections to other processes.

    Examples:
        >>> with Peers([]).at_work():
        ...     "nobody can be lost"
        'nobody can be lost'
    """

    def __init__(self, lines: list[Line]) -> None:
        self.lines = list(lines)
        self._working = False
        self._failed = False
        self._gone: list[str] = []
        self._failures: dict[int, str] = {}
        self._deadline = float("inf")
        if lines:
            threading.Thread(
                target=self._watch, name="peers", daemon=True
            ).start()

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Says that this process needs the others, while the context lasts.

        Raises:
            ConnectionError: If one is gone already.
        """
        if self._gone:
            raise ConnectionError(self._gone[0])
        self._working = True
        try:
            yield
        except BaseException as error:
            self._fail(sentence_of(error))
            raise
        finally:
            self._working = False

    def leave(self) -> None:
        """Waits for the others if this process failed, before it ends.

        If they fail alike, all say goodbye to each other; else this process
        ends without.
        """
        if not self._failed:
            return
        until = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < until and not self._gone:
            if len(self._failures) == len(self.lines):
                return
            time.sleep(0.05)
        _end()

    def _fail(self, sentence: str) -> None:
        self._failed = True
        if not self.lines:
            return
        for line in self.lines:
            line.tell({"failed": sentence})
        # A lost process shows as an error of its own; the thread knows better.
        until = time.monotonic() + GRACE
        while time.monotonic() < until:
            if len(self._failures) == len(self.lines):
                return
            time.sleep(0.05)

    def _watch(self) -> None:
        lines = list(self.lines)
        while lines:
            ready, _, _ = select.select(lines, [], [], 0.5)
            for line in ready:
                try:
                    messages = line.read()
                except ValueError:
                    messages = None
                if messages is None:
                    lines.remove(line)
                    self._hung_up(line)
                    line.close()
                    continue
                for message in messages:
                    self._told(line, message)
            if time.monotonic() > self._deadline:
                self._deadline = float("inf")
                self._break(next(iter(self._failures.values())))

    def _told(self, line: Line, message: dict[str, str]) -> None:
        if "ending" in message:
            self._break(message["ending"])
        if "failed" in message:
            self._failures[line.index] = (
                f"Process {line.index} of the run failed: {message['failed']} "
                f"{_GO_ON} Received: process {line.index} at {line.address!r}"
            )
            self._deadline = time.monotonic() + PATIENCE

    def _hung_up(self, line: Line) -> None:
        if line.index in self._failures:
            self._break(self._failures[line.index])
            return
        self._break(
            f"Process {line.index} of the run was lost: it was killed, or its "
            f"host is gone. {_GO_ON} Received: process {line.index} at "
            f"{line.address!r}"
        )

    def _break(self, sentence: str) -> None:
        """Ends this process, if it is at work; else it may go on alone."""
        self._gone.append(sentence)
        if not self._working:
            return
        for line in self.lines:
            line.tell({"ending": sentence})
        with contextlib.suppress(OSError, ValueError):
            os.write(2, f"Error: {sentence}\n".encode())
        _end()


def _end() -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(LOST)
