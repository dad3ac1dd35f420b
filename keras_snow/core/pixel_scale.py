"""What a network wants of raw pixels, as a word: `0..1`, `torch`, `1/64`."""

import math
from typing import NamedTuple

from keras_snow.core.registry import nearest_names

# Families of networks, whose scaling is more than a factor and an offset.
FAMILIES = ("caffe", "tf", "torch")
FORMS = (
    "Say what its owner made of the pixels 0 to 255: a range such as `0..1` or "
    "`-1..1`, a factor such as `1/64`, or `caffe`, `tf` or `torch`."
)
_WHITE = 255.0


class PixelScale(NamedTuple):
    """How raw pixels are scaled: `pixels / divisor + offset`.

    Args:
        divisor: What raw pixels are divided by.
        offset: What is added then.
    """

    divisor: float
    offset: float


def check_scale(value: str | float) -> str:
    """Returns a scale as it is written down.

    Examples:
        >>> check_scale("0 .. 1"), check_scale(0.5), check_scale("1/255")
        ('0..1', '0.5', '1/255')
    """
    text = str(value).replace(" ", "").lower()
    if text not in FAMILIES:
        read_scale(text)
    return text


def read_scale(text: str) -> PixelScale:
    """Reads a range or a factor.

    Examples:
        >>> read_scale("-1..1")
        PixelScale(divisor=127.5, offset=-1.0)
    """
    low, dots, high = text.partition("..")
    factor, slash, divisor = text.partition("/")
    try:
        if dots:
            offset = float(low)
            found = PixelScale(_WHITE / (float(high) - offset), offset)
        elif slash:
            found = PixelScale(float(divisor) / float(factor), 0.0)
        else:
            found = PixelScale(1.0 / float(text), 0.0)
    except (ValueError, ZeroDivisionError):
        found = PixelScale(math.nan, 0.0)
    if not all(map(math.isfinite, found)) or found.divisor <= 0:
        hint = nearest_names(text, list(FAMILIES)).partition("Known:")[0]
        raise ValueError(
            f"Unknown input scale. {hint}{FORMS} Received: input_scale={text!r}"
        )
    return found
