"""Finds the image file in the body of a request."""

import contextlib
from collections.abc import AsyncGenerator

from starlette.datastructures import Headers
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.formparsers import MultiPartParser

from keras_snow.serving.http.refusal import Refusal


async def image_of(headers: Headers, body: bytes) -> bytes:
    """Returns the image file of a body: a form's, or the body itself.

    Args:
        headers: Of the request.
        body: Its body.

    Raises:
        Refusal: 400 if the form is damaged or holds no image.
    """
    kind = headers.get("content-type", "").strip().lower()
    if not kind.startswith("multipart/"):
        return body
    try:
        return await _file_of(headers, body)
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
