"""Asks an application in this process, without a socket between."""

import asyncio

import httpx


class AsgiTransport(httpx.BaseTransport):
    """Answers a client of httpx from whatever thread it asks in.

    Args:
        app: The application.
        loop: Where it runs, in another thread.
    """

    def __init__(self, app, loop):
        self._asgi = httpx.ASGITransport(app)
        self._loop = loop

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def handle_request(self, request):
        return self.run(self._answer(request))

    async def _answer(self, request):
        found = await self._asgi.handle_async_request(request)
        content = b"".join([part async for part in found.stream])
        return httpx.Response(
            found.status_code,
            headers=found.headers,
            stream=httpx.ByteStream(content),
        )
