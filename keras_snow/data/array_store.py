"""Images that are in memory already."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from keras_snow.core.checks import check_pixels
from keras_snow.data.decode import shrink
from keras_snow.data.deep_images import to_bytes
from keras_snow.data.store import Store
from keras_snow.data.value_range import ValueRange
from keras_snow.data.value_range import check_value_range


class ArrayStore(Store):
    """Arrays of pixels. They are kept as they are, not copied.

    Args:
        images: `(examples, height, width, 3)`, values from 0 to 255; grey
            images `(examples, height, width)` or with one channel are
            repeated; or a list of images of different sizes. Fractions are
            rounded when an image is read.
        value_range: What is black and what is white, if it is not 0 and 255.
            Images of 8 bits stay as they are.

    Raises:
        TypeError: If the images are no numbers.
        ValueError: If their shape is another, or a value is NaN or scaled to
            0-1.

    Examples:
        >>> ArrayStore(np.zeros((2, 8, 8), "uint8")).read(1).shape
        (8, 8, 3)
    """

    def __init__(
        self,
        images: np.ndarray | Sequence[Any],
        value_range: ValueRange | None = None,
    ) -> None:
        self.value_range = check_value_range(value_range)
        self.images = _checked(images, self.value_range)

    def __len__(self) -> int:
        return len(self.images)

    def read(self, index: int, shorter_side: int | None = None) -> np.ndarray:
        image = self.images[index]
        if image.dtype != np.uint8:
            image = to_bytes(np.asarray(image), self.value_range or (0, 255))
        if image.ndim == 2:
            image = image[..., None]
        if image.shape[-1] == 1:
            image = np.repeat(image, 3, axis=-1)
        if shorter_side is None or min(image.shape[:2]) <= shorter_side:
            return image
        return np.asarray(shrink(Image.fromarray(image), shorter_side))

    def name(self, index: int) -> str:
        return f"image {index}"

    def identity(self, index: int) -> str:
        """A digest of the pixels.

        Args:
            index: Which one.
        """
        image = np.ascontiguousarray(self.images[index])
        digest = hashlib.blake2b(image.tobytes(), digest_size=16).hexdigest()
        return self._with_range(f"{image.shape}|{image.dtype}|{digest}")


def _checked(images: Any, value_range: ValueRange | None) -> Any:
    if isinstance(images, np.ndarray) and images.dtype != object:
        _check_together(images, value_range)
        return images
    if not hasattr(images, "__len__") or isinstance(images, (str, bytes)):
        raise TypeError(
            "Images must be an array or a list of arrays. "
            f"Received: images={images!r} of type {type(images).__name__}"
        )
    arrays = [np.asarray(image) for image in images]
    for image in arrays:
        _check_together(image[None], value_range)
    return arrays


def _check_together(images: np.ndarray, value_range: ValueRange | None) -> None:
    """Checks shape, kind and range, a slice at a time to spare memory."""
    grey = images.ndim == 3 or (images.ndim == 4 and images.shape[-1] == 1)
    if not grey and (images.ndim != 4 or images.shape[-1] != 3):
        raise ValueError(
            "Images must have the shape (examples, height, width, 3), or "
            "(examples, height, width) if they are grey. "
            f"Received: images.shape={images.shape}"
        )
    if images.dtype.kind not in "uif":
        raise TypeError(
            "Images must hold numbers from 0 to 255. "
            f"Received: images.dtype={images.dtype}"
        )
    if images.size == 0 and len(images):
        raise ValueError(
            "Images must have at least one pixel. "
            f"Received: images.shape={images.shape}"
        )
    if images.dtype == np.uint8 or not len(images):
        return
    _check_range(images, value_range)


def _check_range(images: np.ndarray, value_range: ValueRange | None) -> None:
    low, high = float(images.min()), float(images.max())
    if value_range is not None:
        if not np.isfinite(high - low):
            raise ValueError(
                "Images hold values that are not finite. Remove or mend them. "
                f"Received: min={low}, max={high}"
            )
        return
    if images.dtype.kind == "f":
        # The extremes tell; the deviation keeps a black image apart from a
        # scaled one.
        sample = np.array([low, high], "float64").reshape(1, 1, 2, 1)
        check_pixels(np.repeat(sample, 3, axis=-1))
    elif low < 0 or high > 255:
        raise ValueError(
            "Images must have values from 0 to 255. Scale those of more bits "
            "by what is white, `images * (255 / 4095)`; say it of a `.npz` by "
            "`value_range=(0, 4095)` (`--value-range 0,4095`). "
            f"Received: dtype={images.dtype}, min={low:g}, max={high:g}"
        )
