"""How far long work is: a bar on a terminal, a few lines anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from collections.abc import Iterator
from typing import TypeVar

import tqdm

T = TypeVar("T")

# What was measured for less time says little about the rest.
LEAST_SECONDS = 2.0
# A single step says little, too: the first of many traces and compiles.
LEAST_SECONDS_OF_ONE = 20.0
# Between two lines of one piece of work, where there is no bar.
PAUSE = 60.0


def describe_seconds(seconds: float) -> str:
    """Returns a time as people say it.

    Args:
        seconds: The time.

    Examples:
        >>> [describe_seconds(each) for each in (0.42, 75, 3600 * 26)]
        ['0.4 s', '1 min 15 s', '26 h']
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return (
        f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    )


def say(text: str) -> None:
    """Writes a line to standard error, above a bar if there is one."""
    tqdm.tqdm.write(text, file=sys.stderr)


def is_terminal() -> bool:
    """Tells whether somebody looks at standard error while it is written."""
    return sys.stderr.isatty()


class Progress:
    """Tells how far long work is, and early how long it will take.

    Where standard error is a terminal it is a bar. In a file or a pipe, where
    a bar would leave hundreds of lines, it is a line with the estimate, one
    every minute, and one at the end.

    Args:
        total: Steps of the work.
        unit: What a step is: `"image"`.
        what: What is done, for the lines: `"features"`.
        done: Steps that were done before.
        show: Whether to tell anything at all.
        bar: Whether there may be a bar; a part of the work may have its own.

    Examples:
        >>> with Progress(3, "image", "features", show=False) as progress:
        ...     progress.update()
        >>> progress.done
        1
    """

    def __init__(
        self,
        total: int,
        unit: str,
        what: str = "",
        done: int = 0,
        show: bool = True,
        bar: bool = True,
    ) -> None:
        self.total = total
        self.unit = unit
        self.what = what
        self.done = done
        self.show = show
        self._began = self._told = time.perf_counter()
        self._start = (done, self._began)
        self._first = self._start
        self._updates = 0
        self._estimated = False
        self._bar = None
        if show and bar and is_terminal():
            self._bar = tqdm.tqdm(
                total=total,
                initial=done,
                desc=what or None,
                unit=unit,
                file=sys.stderr,
                dynamic_ncols=True,
                leave=False,
            )

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def update(self, steps: int = 1) -> None:
        """Moves on."""
        self.done += steps
        self._updates += 1
        if self._updates == 1:
            self._first = (self.done, time.perf_counter())
        if self._bar is not None:
            self._bar.update(steps)
        elif self.show and self.done < self.total:
            self._tell()

    def shorten(self, steps: int) -> None:
        """Takes steps off that need not be done."""
        self.total -= steps
        if self._bar is not None:
            self._bar.total = self.total
            self._bar.refresh()

    def describe(self, what: str) -> None:
        """Sets what is done."""
        self.what = what
        if self._bar is not None:
            self._bar.set_description(what)

    def close(self) -> None:
        """Ends the bar, or says how long the work took."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        elif self.show and self.seconds >= LEAST_SECONDS:
            say(
                f"{self._lead}{_count(self.done, self.unit)} in "
                f"{describe_seconds(self.seconds)}"
            )
        self.show = False

    @property
    def seconds(self) -> float:
        """Time since the work began."""
        return time.perf_counter() - self._began

    @property
    def seconds_left(self) -> float:
        """What the rest will take, if it goes on as before."""
        # The first update traces and compiles, and counts if it is alone.
        done, began = self._start if self._updates < 2 else self._first
        pace = (time.perf_counter() - began) / max(1, self.done - done)
        return pace * (self.total - self.done)

    @property
    def _lead(self) -> str:
        return f"{self.what}: " if self.what else ""

    def _tell(self) -> None:
        now = time.perf_counter()
        least = LEAST_SECONDS if self._updates > 1 else LEAST_SECONDS_OF_ONE
        if self.seconds < least or (
            self._estimated and now - self._told < PAUSE
        ):
            return
        place = f"{self.done} of {_count(self.total, self.unit)}"
        say(
            f"{self._lead}{place}, about "
            f"{describe_seconds(self.seconds_left)} left"
        )
        self._estimated, self._told = True, now


def watched(
    steps: Iterable[T], total: int, unit: str, what: str = "", show: bool = True
) -> Iterator[T]:
    """Yields steps, and tells how far they are; see `Progress`.

    Examples:
        >>> list(watched("ab", 2, "letter", show=False))
        ['a', 'b']
    """
    with Progress(total, unit, what, show=show) as progress:
        for step in steps:
            yield step
            progress.update()


def _count(number: int, unit: str) -> str:
    if number == 1:
        return f"1 {unit}"
    plural = "es" if unit.endswith(("tch", "sh", "s")) else "s"
    return f"{number} {unit}{plural}"
