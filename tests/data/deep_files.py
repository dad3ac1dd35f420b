"""Files of more than 8 bits a channel; Pillow writes only grey ones."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # PNG's, by the number of channels.


def png_of(values):
    """A PNG of uint16 `(height, width, channels)`, each row by its difference.

    Args:
        values: 1 (grey), 2 (with transparency), 3 or 4 channels.
    """
    height, width, channels = values.shape
    rows = np.ascontiguousarray(values.astype(">u2")).view("uint8")
    rows = rows.reshape(height, -1)
    step = 2 * channels
    filtered = rows.copy()
    filtered[:, step:] -= rows[:, :-step]
    data = b"".join(b"\1" + row.tobytes() for row in filtered)
    kind = _COLOUR_TYPES[channels]
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body))
        + name
        + body
        + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def tiff_of(values, order="<", planes=1):
    """A TIFF of uint16 RGB `(height, width, 3)`.

    Args:
        values: The pixels.
        order: Of bytes: `"<"` or `">"`.
        planes: 2 says that each colour lies for itself.
    """
    height, width, _ = values.shape
    data = values.astype(f"{order}u2").tobytes()
    # Width, height, bits, no compression, RGB, place, channels, rows, size,
    # planes; each with its type, 3 or 4, and the number of values.
    place = 8 + 2 + 10 * 12 + 4
    tags = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, 3, place),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, place + 6),
        (277, 3, 1, 3),
        (278, 3, 1, height),
        (279, 4, 1, len(data)),
        (284, 3, 1, planes),
    ]
    entries = b"".join(
        struct.pack(f"{order}HHI", tag, kind, count)
        + struct.pack(
            f"{order}HH" if (kind, count) == (3, 1) else f"{order}I",
            *([value, 0] if (kind, count) == (3, 1) else [value]),
        )
        for tag, kind, count, value in tags
    )
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return b"".join(
        [
            mark,
            struct.pack(f"{order}IH", 8, len(tags)),
            entries,
            struct.pack(f"{order}IHHH", 0, 16, 16, 16),
            data,
        ]
    )


def grey_of(values, kind="TIFF", **options):
    """A grey file of uint16, int32 or float32 `(height, width)`."""
    file = io.BytesIO()
    Image.fromarray(values).save(file, kind, **options)
    return file.getvalue()
