"""Connection: one of uvicorn's that has a time and a place."""

import asyncio
from typing import Any

import h11
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES
from uvicorn.protocols.http.h11_impl import H11Protocol

from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.refused import refused
from keras_snow.serving.http.server_options import ServerOptions

_CLOSE = {"Connection": "close"}


class Connection(H11Protocol):
    """Adds to uvicorn's connection a limit to whatever it waits for.

    uvicorn ends connections that are idle between requests. This one also ends
    if a request's headers do not arrive, or if a request as a whole takes too
    long, its answer that nobody reads included; and there are only so many.

    Args:
        *args: As of uvicorn's.
        options: Of the server.
        limit: Connections at a time.
        spare: Those beyond the limit that are told so.
        **kwargs: As of uvicorn's.
    """

    def __init__(
        self,
        *args: Any,
        options: ServerOptions,
        limit: int,
        spare: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._options = options
        self._limit = limit
        self._spare = spare
        self._timer: asyncio.TimerHandle | None = None
        self._timed: object = None
        self._since = self.loop.time()

    def connection_made(  # type: ignore[override]  # As uvicorn's.
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        if len(self.connections) > self._limit and not self._make_room():
            self.app = refused(
                Refusal(
                    503,
                    f"{self._limit} connections are at work, and no more are "
                    "taken. Try again in a moment.",
                    _CLOSE,
                )
            )
            if len(self.connections) > self._limit + self._spare:
                transport.abort()
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._since = self.loop.time()
        self._unwatch()
        if not self._rests():  # The next request was there already.
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        # Closing would wait for a client that does not read its answer.
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        self._answer(Refusal(400, msg))

    def _rests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> bool:
        """Ends what has been idle for the longest, or else sends slowest."""
        others = [
            each
            for each in self.connections
            if isinstance(each, Connection)
            and each is not self
            and (each._rests() or each.cycle.more_body)
        ]
        if not others:
            return False
        last = min(others, key=lambda each: (not each._rests(), each._since))
        self.connections.discard(last)
        last.transport.abort()
        return True

    def _watch(self) -> None:
        """Starts the clock of what is awaited, unless it runs already."""
        awaited = None if self._rests() else self.cycle
        if self._timer is not None and self._timed is awaited:
            return
        self._unwatch()
        if self.transport.is_closing():
            return
        options, self._timed = self._options, awaited
        self._since = self.loop.time()
        seconds = options.longest_request if awaited else options.header_timeout
        self._timer = self.loop.call_later(seconds, self._end)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        if self._rests() and self.conn.trailing_data[0]:
            seconds = self._options.header_timeout
            sentence = f"The headers took more than {seconds:g} seconds."
            self._answer(Refusal(408, sentence))
        else:
            self.transport.abort()

    def _answer(self, refusal: Refusal) -> None:
        """Answers what is no whole request, and closes."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()
            return
        response: Response = refused(refusal)
        response.headers.update(_CLOSE)
        status = response.status_code
        head = h11.Response(
            status_code=status,
            headers=response.raw_headers,
            reason=STATUS_PHRASES[status],
        )
        body = h11.Data(data=bytes(response.body))
        for event in (head, body, h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
