"""Intake: takes in requests, their bodies first."""

import asyncio
import contextlib
from collections.abc import Iterator

from prometheus_client import Gauge
from starlette.requests import Request

from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.server_options import ServerOptions

# What is read of a body that is too long, so that a client that sends before
# it listens gets its answer.
_PATIENCE = 4


class Intake:
    """Takes in bodies within limits, and then so many requests at a time.

    A request takes a place once its body is here, so that nobody takes one by
    sending slowly. Bodies on their way share as much memory as those of all
    places may have.

    Args:
        options: Of the server.
        gauge: Is told how many requests are at work.

    Examples:
        >>> intake = Intake(ServerOptions(max_queue=1))
        >>> with intake.place(), intake.place():
        ...     pass
        Traceback (most recent call last):
        ...
        keras_snow.serving.http.refusal.Refusal: 1 requests are at work, ...
    """

    def __init__(
        self, options: ServerOptions, gauge: Gauge | None = None
    ) -> None:
        self._options = options
        self._gauge = gauge
        self._room = options.max_queue * options.max_bytes
        self.at_work = 0
        """Requests that have a place."""

    async def read(self, request: Request) -> bytes:
        """Reads a body.

        Raises:
            Refusal: 413 if it is too long, 408 if it is too slow, 503 if too
                many are on their way, 400 if it is empty.
        """
        seconds = self._options.timeout
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(seconds):
                await self._gather(request, parts)
        except TimeoutError:
            raise Refusal(
                408,
                f"The request took more than {seconds:g} seconds to arrive.",
            ) from None
        finally:
            self._room += sum(map(len, parts))
        if not parts:
            raise Refusal(400, "The request is empty.")
        return b"".join(parts)

    async def _gather(self, request: Request, parts: list[bytes]) -> None:
        size, most = 0, self._options.max_bytes
        async for part in request.stream():
            size += len(part)
            if not part or size > most:
                if size > _PATIENCE * most:
                    break
                continue
            if self._room < len(part):
                raise Refusal(
                    503,
                    "Too many large requests arrive at the same time. Try "
                    "again in a moment.",
                )
            self._room -= len(part)
            parts.append(part)
        check_size(size, most)

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Counts a request as being at work.

        Raises:
            Refusal: 429 if there are too many.
        """
        if self.at_work >= self._options.max_queue:
            raise Refusal(
                429,
                f"{self._options.max_queue} requests are at work, and no more "
                "are taken. Try again in a moment.",
            )
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        self.at_work += change
        if self._gauge is not None:
            self._gauge.set(self.at_work)


def check_size(size: int, most: int) -> None:
    """Refuses a body that is too long.

    Args:
        size: Its bytes.
        most: What a body may have.

    Raises:
        Refusal: 413 if it is.
    """
    if size > most:
        raise Refusal(413, f"A request may have {most:,} bytes. Send less.")
