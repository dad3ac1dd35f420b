"""What is black and what is white in images of more than 8 bits."""

import math
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

ValueRange = tuple[float, float]

# Bits that sensors give, whatever the file has room for.
_BITS = (8, 10, 12, 14, 16)
WHOLE = (0.0, 65535.0)
# Less of a range says that it is that of other images.
_DARK = 1 / 64


class Extent(NamedTuple):
    """The least and the largest value of an image of more than 8 bits."""

    low: float
    high: float
    fractions: bool


def choose_range(
    extents: Iterable[Extent], name: str, told: ValueRange | None = None
) -> ValueRange | None:
    """Returns the one range of all the images of a data set.

    Whole numbers end with the least of 8, 10, 12, 14 and 16 bits that holds
    them all. Fractions go to 1 (or the little more that resampling made of
    it), or to 255.

    Args:
        extents: Of all images of more than 8 bits.
        name: Of the data set, for messages.
        told: The range, if it is known.

    Returns:
        What is black and what is white; None if there are no such images.

    Raises:
        ValueError: If that can't be known, or all images would be black.

    Examples:
        >>> choose_range([Extent(7, 900, False), Extent(0, 3000, False)], "x")
        (0.0, 4095.0)
    """
    found = list(extents)
    if not found:
        return told
    low = min(extent.low for extent in found)
    high = max(extent.high for extent in found)
    if told is not None:
        _refuse_darkness(low, high, told, name)
        return told
    kinds = {extent.fractions for extent in found}
    top = None
    if len(kinds) == 1:
        top = _top_of_fractions(high) if True in kinds else _top_of_bits(high)
    # Resampling leaves a little below black, too.
    if top is None or low < -0.05 * top:
        what = "whole numbers and fractions" if len(kinds) > 1 else "values"
        raise ValueError(
            "What is black and what is white can't be told from images of more "
            f"than 8 bits with {what} from {low:g} to {high:g}. "
            f"{_hint(True in kinds)}. "
            f"Received: task={name!r}, {len(found)} such images"
        )
    return 0.0, top


def _refuse_darkness(
    low: float, high: float, told: ValueRange, name: str
) -> None:
    if high > low and high - told[0] < _DARK * (told[1] - told[0]):
        raise ValueError(
            f"All images of more than 8 bits, with values from {low:g} to "
            f"{high:g}, would be black. Say what is black and white in them by "
            "`value_range` (`--value-range`). "
            f"Received: task={name!r}, value_range=({told[0]:g}, {told[1]:g})"
        )


def lone_range(extent: Extent) -> ValueRange | None:
    """Returns the range of an image that is alone, if its file tells it.

    Args:
        extent: Of the image.

    Returns:
        That of 16 bits if the image needs them all; None if it may as well
        have fewer, or holds fractions.

    Examples:
        >>> lone_range(Extent(0, 65535, False)), lone_range(Extent(0, 1, True))
        ((0.0, 65535.0), None)
    """
    black = extent.low == extent.high == 0
    sixteen = not extent.fractions and extent.low >= 0
    needed = black or 2 ** _BITS[-2] <= extent.high <= WHOLE[1]
    return WHOLE if sixteen and needed else None


def check_value_range(value: Any) -> ValueRange | None:
    """Returns a range if it is one.

    Args:
        value: Two numbers, or None.

    Raises:
        TypeError: If it is something else.
        ValueError: If the first is not below the second.

    Examples:
        >>> check_value_range([0, 4095])
        (0.0, 4095.0)
    """
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(
            "`value_range` is two numbers, what is black and what is white. "
            f"Received: value_range={value!r}"
        )
    try:
        low, high = (float(x) for x in value)
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(
            "`value_range` is two numbers, what is black and what is white, "
            "the first below the second. "
            f"Received: value_range={tuple(value)}"
        )
    return low, high


def common_range(
    ranges: Iterable[Sequence[float] | None],
) -> ValueRange | None:
    """Returns the one range of several tasks that read the same image.

    Args:
        ranges: Of the tasks; None of one that has seen no image of more than 8
            bits.

    Returns:
        None if there is none, or not one for all.

    Examples:
        >>> common_range([None, (0, 4095)]), common_range([(0, 1), (0, 4095)])
        ((0.0, 4095.0), None)
    """
    found = {check_value_range(each) for each in ranges} - {None}
    return found.pop() if len(found) == 1 else None


def refuse_unknown(extent: Extent) -> str:
    """Returns why an image has no range of its own, and what to do.

    Args:
        extent: Of the image.
    """
    kind = "fractions" if extent.fractions else "whole numbers"
    return (
        f"An image of more than 8 bits with {kind} from {extent.low:g} to "
        f"{extent.high:g} does not tell what is black and white. "
        f"{_hint(extent.fractions)}"
    )


def _hint(fractions: bool) -> str:
    top = "1" if fractions else "4095"
    return (
        f"Say it: `value_range=(0, {top})` (`--value-range 0,{top}`), for "
        "example"
    )


def _top_of_bits(high: float) -> float | None:
    return next((2.0**b - 1 for b in _BITS if high < 2**b), None)


def _top_of_fractions(high: float) -> float | None:
    if high <= 2:
        return max(1.0, high)
    return 255.0 if 128 <= high <= 256 else None
