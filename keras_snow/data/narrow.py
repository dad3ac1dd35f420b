"""Refuses images that are too narrow to be enlarged before they are cropped."""

import math
from collections.abc import Callable

import numpy as np

from keras_snow.data.decode import scaled_size
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.data.open_image import BadImageError


def is_too_narrow(
    size: tuple[int, int], shorter_side: int, max_pixels: int = MAX_PIXELS
) -> bool:
    """Tells whether an image has too many pixels once it is enlarged.

    Args:
        size: Width and height.
        shorter_side: What the shorter of them becomes.
        max_pixels: The most pixels that it may have then.

    Examples:
        >>> is_too_narrow((640, 480), 256), is_too_narrow((10_000, 1), 256)
        (False, True)
    """
    return math.prod(scaled_size(size, shorter_side)) > max_pixels


def check_not_narrow(
    size: tuple[int, int], shorter_side: int, name: str | None = None
) -> None:
    """Looks whether an image can be enlarged before it is cropped.

    What an image is shrunk to is never too large.

    Args:
        size: Width and height.
        shorter_side: What the shorter of them becomes.
        name: What to call the image; nothing if None.

    Raises:
        ValueError: If it would have more pixels than `read_image` decodes.

    Examples:
        >>> check_not_narrow((640, 480), 256)
    """
    if is_too_narrow(size, shorter_side, max(MAX_PIXELS, math.prod(size))):
        known = "" if name is None else f"path={name!r}, "
        raise BadImageError(
            "The image is too narrow for its length: its shorter side is "
            f"enlarged to {shorter_side} pixels. Replace or remove it, or go "
            "on without such files with `skip_bad=True` (`--skip-bad`). "
            f"Received: {known}{size[0]}x{size[1]} pixels"
        )


def without_narrow(
    read: Callable[[int], np.ndarray],
    name_of: Callable[[int], str],
    shorter_side: int,
) -> Callable[[int], np.ndarray]:
    """Returns a reader that refuses images that are too narrow, by name.

    Args:
        read: Reads an image by its number.
        name_of: Gives the name of an image by its number.
        shorter_side: What an image's shorter side becomes.

    Examples:
        >>> thin = np.zeros((1, 10_000, 3), "uint8")
        >>> read = without_narrow(lambda index: thin, str, 256)
        >>> read(7)
        Traceback (most recent call last):
        ...
        keras_snow.data.open_image.BadImageError: The image is too narrow ...
    """

    def checked(index: int) -> np.ndarray:
        image = read(index)
        height, width = image.shape[:2]
        if is_too_narrow((width, height), shorter_side):
            check_not_narrow((width, height), shorter_side, name_of(index))
        return image

    return checked
