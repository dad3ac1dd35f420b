"""Random crops, flips and colours, and the crop for evaluation."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from keras_snow.core.checks import check_choice
from keras_snow.data.changes import Change
from keras_snow.data.decode import read_image
from keras_snow.data.decode import scaled_size
from keras_snow.data.narrow import check_not_narrow
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.data.open_image import ImageSource
from keras_snow.data.value_range import ValueRange

# Inception's crops have sides in a ratio between these two.
_ASPECT = (3 / 4, 4 / 3)
_ATTEMPTS = 10
MOST_TURNED = 10.0  # Degrees.
_SEEN = 224 / 256  # Part of the shorter side that evaluation sees.


@dataclass(frozen=True)
class Augmentation:
    """What is done at random to a training image.

    Args:
        name: Its name.
        min_area: A crop covers at least this fraction of the image and at
            most all of it. `None` takes the evaluation crop.
        spread: The evaluation crop is enlarged, shrunk and shifted by up to
            this fraction of its side, so that objects keep the size that they
            will have in evaluation. Not together with `min_area`.
        flip: Whether half of the images are mirrored.
        colour: Brightness, contrast and saturation change by up to this
            fraction.
        shift: The image is turned by up to 10 degrees, and a crop with this
            part of its shorter side is taken from anywhere. Not together with
            `min_area` or `spread`.
        changes: What is done behind it, in this order.
        second: How another view of the same image is made; a training example
            is both of them then.

    Examples:
        >>> Augmentation("mirrored", flip=True).shorter_side(224)
        256
    """

    name: str
    min_area: float | None = None
    spread: float = 0.0
    flip: bool = False
    colour: float = 0.0
    shift: float | None = None
    changes: tuple[Change, ...] = ()
    second: "Augmentation | None" = None

    @property
    def takes_evaluation_crop(self) -> bool:
        """Whether it crops as evaluation does."""
        return self.min_area is None and not self.spread and not self.shift

    def shorter_side(self, image_size: int) -> int:
        """Returns how large an image must be kept to lose no detail.

        Args:
            image_size: Pixels of a side of what the network sees.
        """
        if self.shift is not None:
            return math.ceil(image_size / self.shift)
        if self.min_area is None:
            return math.ceil(evaluation_side(image_size) * (1 + self.spread))
        return math.ceil(image_size / math.sqrt(self.min_area))


def _view(blurred: float, solarised: float) -> tuple[Change, ...]:
    """Table 6 of BYOL, Grill et al., 2020."""
    return (
        Change("mirror", 0.5),
        Change("jitter", 0.8),
        Change("grey", 0.2),
        Change("blur", blurred),
        Change("solarise", solarised),
    )


AUGMENTATIONS = {
    entry.name: entry
    for entry in (
        Augmentation("none"),
        Augmentation("flip", flip=True),
        Augmentation("near", spread=0.25, flip=True),
        Augmentation("crop", min_area=0.5, flip=True),
        Augmentation("strong", min_area=0.2, flip=True, colour=0.2),
        # Of a study of 236 cartoons; see docs/reproduction.md.
        Augmentation(
            "varied",
            shift=200 / 224,
            changes=(
                Change("mirror", 0.1),
                Change("sharpen", 0.1),
                Change("grey", 0.1),
            ),
        ),
        Augmentation(
            "views",
            min_area=0.08,
            changes=_view(blurred=1.0, solarised=0.0),
            second=Augmentation(
                "second view",
                min_area=0.08,
                changes=_view(blurred=0.1, solarised=0.2),
            ),
        ),
    )
}


def get_augmentation(name: str | Augmentation) -> Augmentation:
    """Returns an augmentation by its name.

    Args:
        name: `"none"`, `"flip"`, `"near"`, `"crop"`, `"strong"`, `"varied"`
            or `"views"`; an `Augmentation` is returned as it is.

    Raises:
        ValueError: If the name is unknown.

    Examples:
        >>> get_augmentation("crop").min_area
        0.5
    """
    if isinstance(name, Augmentation):
        return name
    check_choice("augmentation", name, AUGMENTATIONS)
    return AUGMENTATIONS[name]


def evaluation_side(image_size: int) -> int:
    """Returns the shorter side before the evaluation crop: 256 for 224.

    Args:
        image_size: Pixels of a side of what the network sees.

    Examples:
        >>> evaluation_side(224)
        256
    """
    return round(image_size / _SEEN)


def evaluation_image(
    source: ImageSource,
    image_size: int,
    *,
    max_pixels: int = MAX_PIXELS,
    value_range: ValueRange | None = None,
) -> np.ndarray:
    """Reads an image as evaluation does, for a prediction of one file.

    Args:
        source: A path, or the bytes of an image file.
        image_size: Pixels of a side of the result.
        max_pixels: Images with more pixels are refused before decoding.
        value_range: What is black and what is white in an image of more than 8
            bits; that of the task that was learned.

    Returns:
        uint8, `(image_size, image_size, 3)`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the image can't be read. The message names the file.

    Examples:
        >>> evaluation_image("missing.jpg", 224)
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such image file. Received: ...
    """
    image = read_image(
        source,
        max_pixels=max_pixels,
        shorter_side=evaluation_side(image_size),
        value_range=value_range,
    )
    name = "<bytes>" if isinstance(source, bytes) else str(source)
    return evaluation_crop(image, image_size, name)


def evaluation_crop(
    image: np.ndarray, image_size: int, name: str | None = None
) -> np.ndarray:
    """Resizes the shorter side to 256/224 of `image_size`, crops the centre.

    Args:
        image: uint8, `(height, width, 3)`.
        image_size: Pixels of a side of the result.
        name: What to call the image in messages; nothing if None.

    Returns:
        uint8, `(image_size, image_size, 3)`.

    Raises:
        ValueError: If the image is too narrow to be enlarged.

    Examples:
        >>> image = np.zeros((60, 80, 3), "uint8")
        >>> evaluation_crop(image, 32).shape
        (32, 32, 3)
    """
    height, width = image.shape[:2]
    side = evaluation_side(image_size)
    check_not_narrow((width, height), side, name)
    size = scaled_size((width, height), side)
    if size != (width, height):
        resized = Image.fromarray(image).resize(size, Image.Resampling.BILINEAR)
        image = np.asarray(resized)
    left, top = ((side - image_size) // 2 for side in size)
    return image[top : top + image_size, left : left + image_size]


def augment(
    image: np.ndarray,
    image_size: int,
    augmentation: Augmentation,
    generator: np.random.Generator,
) -> np.ndarray:
    """Makes a training example out of an image.

    Args:
        image: uint8, `(height, width, 3)`.
        image_size: Pixels of a side of the result.
        augmentation: What to do.
        generator: Where the random numbers come from; the result is a pure
            function of the image and its state.

    Returns:
        uint8, `(image_size, image_size, 3)`.

    Examples:
        >>> image = np.zeros((60, 80, 3), "uint8")
        >>> generator = np.random.default_rng(0)
        >>> augment(image, 32, AUGMENTATIONS["crop"], generator).shape
        (32, 32, 3)
    """
    shape = image.shape[:2]
    if augmentation.min_area is not None:
        box = random_box(shape, augmentation.min_area, generator)
        image = _resize_box(image, box, image_size)
    elif augmentation.spread:
        box = near_box(shape, augmentation.spread, generator)
        image = _resize_box(image, box, image_size)
    elif augmentation.shift is not None:
        image = _turn_and_shift(
            image, image_size, augmentation.shift, generator
        )
    else:
        image = evaluation_crop(image, image_size)
    if augmentation.flip and generator.random() < 0.5:
        image = image[:, ::-1]
    if augmentation.colour:
        image = _change_colours(image, augmentation.colour, generator)
    if augmentation.changes:
        picture = Image.fromarray(np.ascontiguousarray(image))
        for change in augmentation.changes:
            picture = change(picture, generator)
        image = np.asarray(picture)
    return image


def random_box(
    shape: tuple[int, ...],
    min_area: float,
    generator: np.random.Generator,
) -> tuple[int, int, int, int]:
    """Draws a crop of at least `min_area` of the image.

    Args:
        shape: Height and width of the image.
        min_area: The least fraction of the image to keep.
        generator: Where the random numbers come from.

    Returns:
        Left, top, right and bottom.

    Examples:
        >>> random_box((10, 10), 1.0, np.random.default_rng(0))
        (0, 0, 10, 10)
    """
    height, width = shape
    for _ in range(_ATTEMPTS):
        area = height * width * generator.uniform(min_area, 1.0)
        ratio = math.exp(generator.uniform(*np.log(_ASPECT)))
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            left = int(generator.integers(0, width - w, endpoint=True))
            top = int(generator.integers(0, height - h, endpoint=True))
            return left, top, left + w, top + h
    return _central_box(height, width)


def near_box(
    shape: tuple[int, ...], spread: float, generator: np.random.Generator
) -> tuple[int, int, int, int]:
    """Draws a crop near that of evaluation.

    Args:
        shape: Height and width of the image.
        spread: Each side is the evaluation crop's times `1 / (1 + spread)` to
            `1 + spread`, and the centre moves by up to `spread` of it; a crop
            ends with the image.
        generator: Where the random numbers come from.

    Returns:
        Left, top, right and bottom.

    Examples:
        >>> near_box((256, 300), 0.0, np.random.default_rng(0))
        (38, 16, 262, 240)
    """
    side = min(shape) * _SEEN
    size = math.exp(math.log1p(spread) * generator.uniform(-1, 1))
    # Most of a change in size is common to both sides: few things are squashed.
    ratio = math.exp(math.log1p(spread) / 4 * generator.uniform(-1, 1))
    edges = []
    for length, factor in zip(shape, (size / ratio, size * ratio), strict=True):
        extent = min(length, max(1, round(side * factor)))
        middle = length / 2 + side * spread * generator.uniform(-1, 1)
        start = round(middle - extent / 2)
        start = min(max(start, 0), length - extent)
        edges.append((start, start + extent))
    (top, bottom), (left, right) = edges
    return left, top, right, bottom


def _central_box(height: int, width: int) -> tuple[int, int, int, int]:
    """The largest centred box whose sides are in an allowed ratio."""
    w = max(1, min(width, round(height * _ASPECT[1])))
    h = max(1, min(height, round(width / _ASPECT[0])))
    left, top = (width - w) // 2, (height - h) // 2
    return left, top, left + w, top + h


def _resize_box(
    image: np.ndarray, box: tuple[int, int, int, int], image_size: int
) -> np.ndarray:
    left, top, right, bottom = box
    crop = Image.fromarray(image[top:bottom, left:right])
    size = (image_size, image_size)
    return np.asarray(crop.resize(size, Image.Resampling.BILINEAR))


def _turn_and_shift(
    image: np.ndarray,
    image_size: int,
    part: float,
    generator: np.random.Generator,
) -> np.ndarray:
    """Turns about the centre, black beyond the image, and crops anywhere."""
    height, width = image.shape[:2]
    size = scaled_size((width, height), math.ceil(image_size / part))
    bilinear = Image.Resampling.BILINEAR
    picture = Image.fromarray(image).resize(size, bilinear)
    turned = picture.rotate(
        generator.uniform(-MOST_TURNED, MOST_TURNED), bilinear
    )
    left, top = (
        int(generator.integers(0, side - image_size, endpoint=True))
        for side in size
    )
    box = (left, top, left + image_size, top + image_size)
    return np.asarray(turned.crop(box))


def _change_colours(
    image: np.ndarray, amount: float, generator: np.random.Generator
) -> np.ndarray:
    brightness, contrast, saturation = generator.uniform(
        1 - amount, 1 + amount, size=3
    ).astype("float32")
    values = image.astype("float32") * brightness
    grey = values @ np.array([0.299, 0.587, 0.114], "float32")  # ITU-R 601
    values = (values - grey.mean()) * contrast + grey.mean()
    grey = (grey - grey.mean()) * contrast + grey.mean()
    values = (values - grey[..., None]) * saturation + grey[..., None]
    return np.clip(np.rint(values), 0, 255).astype("uint8")
