"""Reads an image file that a stranger sent."""

import numpy as np

from keras_snow.data.augmentation import evaluation_crop
from keras_snow.data.augmentation import evaluation_side
from keras_snow.data.decode import read_image
from keras_snow.data.narrow import is_too_narrow
from keras_snow.data.open_image import BadImageError
from keras_snow.data.open_image import TooManyPixelsError
from keras_snow.data.value_range import ValueRange
from keras_snow.serving.http.refusal import Refusal


def read_picture(
    data: bytes,
    image_size: int,
    max_pixels: int,
    value_range: ValueRange | None = None,
) -> np.ndarray:
    """Reads an image as evaluation does.

    Args:
        data: The image file.
        image_size: Pixels of a side of the result.
        max_pixels: The most pixels that an image may have, also when its
            shorter side is enlarged to what is cropped from.
        value_range: What is black and what is white in an image of more than 8
            bits.

    Returns:
        uint8, `(image_size, image_size, 3)`.

    Raises:
        Refusal: 422 if it has too many pixels, 400 if it can't be read.

    Examples:
        >>> read_picture(b"no image", 224, 1_000_000)
        Traceback (most recent call last):
        ...
        keras_snow.serving.http.refusal.Refusal: The file can't be read ...
    """
    side = evaluation_side(image_size)
    try:
        image = read_image(
            data,
            max_pixels=max_pixels,
            shorter_side=side,
            value_range=value_range,
        )
    except TooManyPixelsError:
        raise Refusal(
            422, f"An image may have {max_pixels:,} pixels. Shrink it."
        ) from None
    except BadImageError as error:
        reason = str(error).partition(". ")[0]
        raise Refusal(400, f"{reason}.") from None
    height, width = image.shape[:2]
    if is_too_narrow((width, height), side, max_pixels):
        raise Refusal(
            422,
            "The image is too narrow for its length. "
            f"Received: {width}x{height} pixels",
        )
    return evaluation_crop(image, image_size)
