"""Reads one image file of any common kind into RGB, 0 to 255."""

import functools
import os
import pathlib
from typing import NamedTuple

import numpy as np
from PIL import Image

from keras_snow.data.deep_images import is_deep
from keras_snow.data.deep_images import read_deep
from keras_snow.data.deep_images import read_extent
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.data.open_image import ImageSource
from keras_snow.data.open_image import named
from keras_snow.data.open_image import open_image
from keras_snow.data.open_image import upright
from keras_snow.data.value_range import Extent
from keras_snow.data.value_range import ValueRange


def read_image(
    source: ImageSource,
    *,
    max_pixels: int = MAX_PIXELS,
    shorter_side: int | None = None,
    name: str | None = None,
    value_range: ValueRange | None = None,
) -> np.ndarray:
    """Reads an image as RGB with values from 0 to 255.

    Reads JPEG (CMYK too), JPEG 2000, PNG, WebP, AVIF, GIF, BMP, TIFF, PPM,
    PCX, QOI, SGI, Sun and TGA, but no icons (ICO, ICNS). EXIF rotation is
    applied, values of more than 8 bits are scaled to 8, transparent pixels
    are laid on white, grey and palette images become RGB, and of an animation
    the first frame is taken.

    Args:
        source: A path, or the bytes of an image file.
        max_pixels: Images with more pixels are refused before they are
            decoded.
        shorter_side: Large images are shrunk so that the shorter side has
            this many pixels; smaller ones stay as they are. Takes much less
            time than shrinking afterwards.
        name: What to call the image in messages; the path by default.
        value_range: What is black and what is white in an image of more than
            8 bits. If None, 0 and 65535 in one whose values need 16 bits;
            others do not tell it, and are refused.

    Returns:
        uint8, `(height, width, 3)`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is empty, cut short, damaged, no image, or has
            more than `max_pixels` pixels. The message names the file.

    Examples:
        >>> import io
        >>> from PIL import Image
        >>> file = io.BytesIO()
        >>> Image.new("L", (4, 2), 7).save(file, "PNG")
        >>> read_image(file.getvalue())[0, 0].tolist()
        [7, 7, 7]
    """
    name = name or _name_of(source)
    data = source if isinstance(source, bytes) else read_bytes(source)
    opened = functools.partial(open_image, data, name, max_pixels)
    with named(name):
        image = opened()
        if is_deep(image):
            image = read_deep(opened, name, value_range)
        else:
            if shorter_side is not None:
                # Lets the JPEG decoder skip detail that shrinking would
                # remove; twice the target keeps the following reduction smooth.
                image.draft(None, (2 * shorter_side, 2 * shorter_side))
            image.load()
            image = upright(image)
        image = _to_rgb(image)
        if shorter_side is not None:
            image = shrink(image, shorter_side)
        return np.array(image, dtype="uint8")


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Reads a file whole, with an error that says what to do.

    Args:
        path: The file.

    Raises:
        OSError: If it can't be read; FileNotFoundError if it isn't there.

    Examples:
        >>> read_bytes("missing.jpg")
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such image file. Received: ...
    """
    try:
        return pathlib.Path(path).read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"There is no such image file. Received: path={str(path)!r}"
        ) from None
    except OSError as error:
        raise OSError(
            f"The image file can't be read: {error.strerror or error}. "
            f"Received: path={str(path)!r}"
        ) from error


class Header(NamedTuple):
    """What `check_header` saw.

    Args:
        sides: Width and height, before EXIF rotation.
        extent: Of the values of an image of more than 8 bits, if its file does
            not say what is white.
    """

    sides: tuple[int, int]
    extent: Extent | None = None


def check_header(
    path: str | os.PathLike[str], max_pixels: int = MAX_PIXELS
) -> Header:
    """Looks at the ends of an image file, without decoding it.

    Finds empty files, files that are no images, images that are too large and
    most of the files that were cut short; a doubtful file is decoded to know,
    and so is one of more than 8 bits, for its largest value.

    Args:
        path: The file.
        max_pixels: The most pixels that an image may have.

    Raises:
        OSError: If the file can't be opened.
        ValueError: If the image can't be read. The message names the file.

    Examples:
        >>> check_header("missing.jpg")
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such image file. Received: ...
    """
    path = pathlib.Path(path)
    if not path.is_file():
        read_bytes(path)
    name = str(path)
    with path.open("rb") as file, named(name):
        image = open_image(file, name, max_pixels)
        kind, sides, deep = image.format, image.size, is_deep(image)
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        head = file.read(12)
        file.seek(max(0, size - 64))
        tail = file.read()
    if deep:
        return Header(sides, extent_of(read_bytes(path), name, max_pixels))
    if not _ends_well(kind, size, head, tail):
        read_image(path, max_pixels=max_pixels)
    return Header(sides)


def extent_of(
    data: bytes, name: str, max_pixels: int = MAX_PIXELS
) -> Extent | None:
    """Returns the least and largest value of an image of more than 8 bits.

    Args:
        data: An image file.
        name: What to call it in messages.
        max_pixels: The most pixels that an image may have.

    Returns:
        None if the file itself says what is white.

    Raises:
        ValueError: If the image can't be read. The message names the file.
    """
    opened = functools.partial(open_image, data, name, max_pixels)
    with named(name):
        return read_extent(opened, name) if is_deep(opened()) else None


def shrink(image: Image.Image, shorter_side: int) -> Image.Image:
    """Returns the image with its shorter side reduced, never enlarged.

    Args:
        image: A Pillow image.
        shorter_side: Pixels of the shorter side.

    Examples:
        >>> shrink(Image.new("RGB", (8, 4)), 2).size
        (4, 2)
    """
    if min(image.size) <= shorter_side:
        return image
    return image.resize(
        scaled_size(image.size, shorter_side), Image.Resampling.BILINEAR
    )


def scaled_size(size: tuple[int, int], shorter_side: int) -> tuple[int, int]:
    """Returns the size that an image has when its shorter side is changed.

    Args:
        size: Two sides, in either order.
        shorter_side: What the shorter one shall be.

    Examples:
        >>> scaled_size((640, 480), 240)
        (320, 240)
    """
    scale = shorter_side / min(size)
    first, second = (max(shorter_side, round(side * scale)) for side in size)
    return first, second


def _name_of(source: ImageSource) -> str:
    return "<bytes>" if isinstance(source, bytes) else str(source)


def _ends_well(kind: str | None, size: int, head: bytes, tail: bytes) -> bool:
    """Whether a file of a common kind surely ends where it should."""
    if kind in ("JPEG", "MPO"):
        return tail.rstrip(b"\x00\r\n").endswith(b"\xff\xd9")
    if kind == "PNG":
        return b"IEND" in tail
    if kind == "GIF":
        return tail.endswith(b";")
    if kind == "WEBP":
        # RIFF tells its length, less these eight bytes.
        return size >= int.from_bytes(head[4:8], "little") + 8
    return False


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, image).convert("RGB")
    if image.mode == "LAB":
        return _from_lab(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    rgb = ImageCms.profileToProfile(
        image,
        ImageCms.createProfile("LAB"),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
    )
    return image if rgb is None else rgb
