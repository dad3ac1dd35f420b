"""Finds the image file in the body of a request."""

import contextlib
from collections.abc import AsyncGenerator

from starlette.datastructures import Headers
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.formparsers import MultiPartParser

from keras_snow.serving.http.refusal import Refusal

_FILES = ("image", "file")


async def read_form(
    headers: Headers, body: bytes
) -> tuple[bytes, list[tuple[str, str]]]:
    """Returns the image file of a body: a form's, or the body itself.

    Returns:
        The file, and the other fields of the form.

    Raises:
        Refusal: 400 if the form is damaged or does not hold one image.
    """
    kind = headers.get("content-type", "").strip().lower()
    if not kind.startswith("multipart/"):
        return body, []
    try:
        return await _parse(headers, body)
    except (MultiPartException, KeyError, ValueError):
        raise Refusal(400, "The form can't be read.") from None


async def _parse(
    headers: Headers, body: bytes
) -> tuple[bytes, list[tuple[str, str]]]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(headers, stream(), max_files=4, max_fields=16)
    form = await parser.parse()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(form.close)
        fields = form.multi_items()
        files = [value for _, value in fields if isinstance(value, UploadFile)]
        names = [name for name, value in fields if value in files]
        if len(files) != 1 or names[0] not in _FILES:
            raise Refusal(
                400,
                "The form must have one file, called `image`. "
                f"Received: {', '.join(names)!r:.80}",
            )
        texts = [(x, value) for x, value in fields if isinstance(value, str)]
        return await files[0].read(), texts
