"""Reads the body of a request, within limits."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from fastapi import Request
from starlette.datastructures import Headers
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.formparsers import MultiPartParser

from keras_snow.serving.http.refusal import Refusal

# What is read of a body that is too long, so that a client that sends before
# it listens gets its answer.
_PATIENCE = 4


async def read_body(request: Request, max_bytes: int, timeout: float) -> bytes:
    """Reads a body.

    Args:
        request: The request.
        max_bytes: Its most bytes.
        timeout: Seconds that it may take to arrive.

    Raises:
        Refusal: 413 if it is too long, 408 if it is too slow, 400 if empty.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(timeout):
            async for part in request.stream():
                size += len(part)
                if size <= max_bytes:
                    parts.append(part)
                elif size > _PATIENCE * max_bytes:
                    break
    except TimeoutError:
        raise Refusal(
            408, f"The request took more than {timeout:g} seconds to arrive."
        ) from None
    if size > max_bytes:
        raise Refusal(
            413, f"A request may have {max_bytes:,} bytes. Send less."
        )
    if not size:
        raise Refusal(400, "The request is empty.")
    return b"".join(parts)


async def image_of(request: Request, body: bytes) -> bytes:
    """Returns the image file of a body: a form's, or the body itself.

    Args:
        request: The request.
        body: Its body.

    Raises:
        Refusal: 400 if the form is damaged or holds no image.
    """
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        return body
    try:
        return await _file_of(request.headers, body)
    except (MultiPartException, KeyError, ValueError):
        raise Refusal(400, "The form can't be read.") from None


async def _file_of(headers: Headers, body: bytes) -> bytes:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(headers, stream(), max_files=4, max_fields=16)
    form = await parser.parse()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(form.close)
        for name in ("image", "file"):
            found = form.get(name)
            if isinstance(found, UploadFile):
                return await found.read()
    raise Refusal(400, "The form must have a file called `image`.")
