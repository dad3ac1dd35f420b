"""Tensors of the datatype BYTES: strings, each behind its length."""

import base64
from collections.abc import Sequence
from typing import Any

_LENGTH = 4  # Bytes of it, the lowest first.


def pack(strings: Sequence[bytes]) -> bytes:
    r"""Returns strings as the binary extension has them.

    Args:
        strings: The elements of a tensor.

    Examples:
        >>> pack([b"owl"])
        b'\x03\x00\x00\x00owl'
    """
    return b"".join(
        len(each).to_bytes(_LENGTH, "little") + each for each in strings
    )


def unpack(data: bytes) -> list[bytes]:
    """Returns the strings that `pack` joined.

    Args:
        data: The bytes.

    Raises:
        ValueError: If they are cut short.
    """
    found, start = [], 0
    while start < len(data):
        begin = start + _LENGTH
        start = begin + int.from_bytes(data[start:begin], "little")
        if start > len(data):
            raise ValueError(
                "Each element of BYTES is its length, in four bytes, and the "
                "bytes themselves."
            )
        found.append(data[begin:start])
    return found


def from_base64(data: Any) -> list[bytes]:
    """Returns the strings of a tensor's JSON, flat or nested.

    Args:
        data: Text in base64, as JSON has no bytes.

    Raises:
        ValueError: If it is something else.
    """
    if isinstance(data, list):
        return [each for item in data for each in from_base64(item)]
    if not isinstance(data, str):
        raise ValueError("An element of BYTES is a text in base64.")
    try:
        return [base64.b64decode("".join(data.split()), validate=True)]
    except ValueError:
        raise ValueError(
            "An element of BYTES in JSON must be in base64. "
            f"Received: {data[:20]!r}"
        ) from None
