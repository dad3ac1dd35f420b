"""Undoes the compression of a body."""

import zlib

from keras_snow.serving.http.intake import check_size
from keras_snow.serving.http.refusal import Refusal

_ENCODINGS = ("gzip", "x-gzip", "deflate")
_ANY_HEADER = zlib.MAX_WBITS + 32  # Of gzip or of zlib, which deflate means.


def decode_body(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """Returns a body as it was before it was compressed.

    Args:
        body: As it was sent.
        encoding: Of the header `Content-Encoding`.
        max_bytes: The most bytes of the result, which is not made beyond.

    Raises:
        Refusal: 415 if the encoding is another, 413 if there is more, 400 if
            it is damaged.

    Examples:
        >>> decode_body(zlib.compress(b"pixels"), "deflate", 100)
        b'pixels'
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    if name not in _ENCODINGS:
        raise Refusal(
            415,
            "The body must be plain, or compressed once by gzip or deflate. "
            f"Received: Content-Encoding={encoding!r:.80}",
            {"Accept-Encoding": "gzip, deflate"},
        )
    decoder = zlib.decompressobj(_ANY_HEADER)
    try:
        decoded = decoder.decompress(body, max_bytes + 1)
    except zlib.error:
        decoded = b""
    check_size(len(decoded), max_bytes)
    if not decoder.eof or decoder.unused_data:
        raise Refusal(
            400, f"The body is damaged: it can't be decompressed by {name}."
        )
    return decoded
