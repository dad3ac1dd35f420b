"""Images of more than 8 bits a channel."""

import functools
import sys
from collections.abc import Callable
from typing import Any
from typing import NamedTuple

import numpy as np
from PIL import Image

from keras_snow.data.open_image import BadImageError
from keras_snow.data.open_image import upright
from keras_snow.data.value_range import WHOLE
from keras_snow.data.value_range import Extent
from keras_snow.data.value_range import ValueRange
from keras_snow.data.value_range import lone_range
from keras_snow.data.value_range import refuse_unknown

Opened = Callable[[], Image.Image]

# Tags of TIFF.
_BITS, _PLANES = 258, 284
# Pillow's unpackers of 16 bits keep the high byte of each value. That of the
# other order of bytes keeps the low one.
_OTHER_ORDER = {"B": "L", "L": "B"}
_OTHER_ORDER["N"] = "B" if sys.byteorder == "little" else "L"
# If more values lie beyond the range, it is that of other images.
_MOST_BEYOND = 0.9


def is_deep(image: Image.Image) -> bool:
    """Tells whether a file has more than 8 bits a channel, by its header.

    Args:
        image: Just opened.

    Examples:
        >>> is_deep(Image.new("L", (2, 2))), is_deep(Image.new("F", (2, 2)))
        (False, True)
    """
    if _is_one_channel(image):
        return True
    bits = getattr(image, "tag_v2", {}).get(_BITS, (8,))
    tiles = getattr(image, "tile", ())
    return max(bits) > 8 or any(";16" in _raw_mode(tile) for tile in tiles)


class _Values(NamedTuple):
    """What an image holds.

    Args:
        numbers: Its values, uint16, int32 or float32.
        mode: Pillow's, of the same image in 8 bits.
        is_known: Whether they go to 65535 by the file's own word.
    """

    numbers: np.ndarray
    mode: str
    is_known: bool = False

    @property
    def colours(self) -> np.ndarray:
        """The values without those of transparency."""
        if self.mode in ("LA", "RGBA"):
            return self.numbers[..., :-1]
        return self.numbers


def read_extent(opened: Opened, name: str) -> Extent | None:
    """Decodes an image and returns its least and largest value.

    Args:
        opened: Opens the file.
        name: What to call it in messages.

    Returns:
        None if the file itself says what is white.

    Raises:
        ValueError: If it can't be read, or a value is not finite.
    """
    values = _read(opened, name)
    extent = _extent_of(values.colours, name)
    return None if values.is_known else extent


def read_deep(
    opened: Opened, name: str, value_range: ValueRange | None
) -> Image.Image:
    """Decodes an image to 8 bits a channel.

    Args:
        opened: Opens the file.
        name: What to call it in messages.
        value_range: What is black and what is white. If None, as the file
            tells.

    Raises:
        ValueError: If it can't be read, a value is not finite, the range does
            not suit it or, without one, the file does not tell it.
    """
    values = _read(opened, name)
    colours = values.colours
    extent = _extent_of(colours, name)
    chosen = WHOLE if values.is_known else value_range or lone_range(extent)
    if chosen is None:
        raise BadImageError(
            f"{refuse_unknown(extent)}. Received: path={name!r}"
        )
    low, high = chosen
    beyond = np.mean((colours < low) | (colours > high)) > _MOST_BEYOND
    # Fractions up to 1 are none of a range of whole numbers.
    if beyond or (extent.fractions and 0 < extent.high <= 1 and high > 2):
        raise BadImageError(
            f"The values of the image, from {extent.low:g} to "
            f"{extent.high:g}, do not suit what is black and white here. "
            f"Received: path={name!r}, value_range=({low:g}, {high:g})"
        )
    height, width = values.numbers.shape[:2]
    pixels = to_bytes(values.numbers, chosen).tobytes()
    return Image.frombytes(values.mode, (width, height), pixels)


def to_bytes(values: np.ndarray, value_range: ValueRange) -> np.ndarray:
    """Returns values from 0 to 255; what lies beyond becomes black or white.

    Args:
        values: Numbers of any kind.
        value_range: What is black and what is white.

    Examples:
        >>> to_bytes(np.array([0, 2048, 4095, 5000]), (0, 4095)).tolist()
        [0, 128, 255, 255]
    """
    if values.dtype == np.uint16:
        return _table(value_range)[values]
    low, high = value_range
    scaled = (values.astype("float64") - low) * (255.0 / (high - low))
    return np.clip(np.rint(scaled), 0, 255).astype("uint8")


@functools.cache
def _table(value_range: ValueRange) -> np.ndarray:
    return to_bytes(np.arange(65536.0), value_range)


def _is_one_channel(image: Image.Image) -> bool:
    return image.mode == "F" or image.mode.startswith("I")


def _read(opened: Opened, name: str) -> _Values:
    image: Any = opened()
    if _is_one_channel(image):
        # The header of a PGM says what is white.
        is_known = image.format == "PPM" and image.mode != "F"
        image.load()
        values = np.asarray(upright(image))
        native = values.astype(values.dtype.newbyteorder("="))
        return _Values(native, "L", is_known)
    if getattr(image, "tag_v2", {}).get(_PLANES, 1) == 2:
        raise BadImageError(
            "Colours of more than 8 bits that lie in planes of their own are "
            f"not read. Write them together. Received: path={name!r}"
        )
    if _raw_mode(image.tile[0]) == "LA;16B":
        # All four bytes, where Pillow takes two.
        both = np.asarray(_unpacked(image, lambda raw: "RGBA"), "uint16")
        return _Values(both[..., [0, 2]] << 8 | both[..., [1, 3]], "LA")
    high = np.asarray(_unpacked(image, _high), "uint16")
    low = np.asarray(_unpacked(opened(), _low), "uint16")
    return _Values(high << 8 | low, image.mode)


def _unpacked(image: Any, change: Callable[[str], str]) -> Image.Image:
    """Decodes an image as one of another order of bytes."""
    image.tile = [
        _changed(tile, change(_raw_mode(tile))) for tile in image.tile
    ]
    image.load()
    return upright(image)


def _changed(tile: Any, raw: str) -> Any:
    whole = isinstance(tile[3], str)
    arguments = raw if whole else (raw, *tile[3][1:])
    if hasattr(tile, "_replace"):
        return tile._replace(args=arguments)
    return (*tile[:3], arguments)  # Of a Pillow before 11.


def _raw_mode(tile: Any) -> str:
    arguments = tile[3]
    if isinstance(arguments, tuple) and arguments:
        arguments = arguments[0]
    return arguments if isinstance(arguments, str) else ""


def _high(raw: str) -> str:
    # Pillow would divide by the transparency on its way.
    return raw.replace("RGBa", "RGBA")


def _low(raw: str) -> str:
    if raw == "L;16B":
        return "L;16"
    return _high(raw)[:-1] + _OTHER_ORDER[raw[-1]]


def _extent_of(values: np.ndarray, name: str) -> Extent:
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise BadImageError(
            "The values of an image must be finite. Replace or remove it, or "
            "go on without such files with `skip_bad=True` (`--skip-bad`). "
            f"Received: path={name!r}, min={low}, max={high}"
        )
    return Extent(low, high, values.dtype.kind == "f")
