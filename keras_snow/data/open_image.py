"""Opens an image file of a common kind, and names one that is none."""

import importlib.util
import io
import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from PIL import Image
from PIL import ImageOps
from PIL import UnidentifiedImageError

from keras_snow.core.errors import lacks_resources
from keras_snow.data.foreign_kinds import foreign_kind

ImageSource = str | os.PathLike[str] | bytes

# Pillow's own limit: a decoded image of this size takes 268 MB.
MAX_PIXELS = 89_478_485

# What Pillow's readers raise on damaged files of one kind or another.
_DAMAGED = (
    OSError,
    ValueError,
    TypeError,
    SyntaxError,
    EOFError,
    LookupError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
# One picture behind a header that tells its size. Left out are files around
# other files, whose size Pillow does not tell before it decodes them (ICO,
# ICNS, BLP, IPTC, compressed FITS), and what other programs would decode.
_KINDS = {
    "AVIF",
    "BMP",
    "DIB",
    "GIF",
    "HEIF",
    "JPEG",
    "JPEG2000",
    "PCX",
    "PNG",
    "PPM",
    "QOI",
    "SGI",
    "SUN",
    "TGA",
    "TIFF",
    "WEBP",
}
_OPENING = threading.Lock()


class BadImageError(ValueError):
    """An image that can't be read; the message names its file."""


class TooManyPixelsError(BadImageError):
    """An image that was not decoded, for its size."""


@contextmanager
def named(name: str) -> Iterator[None]:
    """Turns what a reader raises into a sentence with the file's name.

    Args:
        name: What to call the file.

    Raises:
        BadImageError: For whatever damaged files make readers raise.
    """
    try:
        yield
    except BadImageError:
        raise
    except _DAMAGED as error:
        if lacks_resources(error):
            raise
        raise BadImageError(
            f"The file can't be read as an image: {_reason(error)}. Replace "
            "or remove it, or go on without such files with `skip_bad=True` "
            f"(`--skip-bad`). Received: path={name!r}"
        ) from error


def _reason(error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):
        return f"it is no image of a known kind{getattr(error, 'seen', '')}"
    text = str(error).strip().rstrip(".")
    if "truncated" in text.lower() or isinstance(error, EOFError):
        return "it is truncated (cut short)"
    return f"it is damaged ({text or type(error).__name__})"


def open_image(file: object, name: str, max_pixels: int) -> Image.Image:
    """Opens an image without decoding it, and checks its size.

    Some of Pillow's readers take memory for a picture as they open its file,
    and ask for Pillow's own limit before. So that is ours meanwhile: beyond
    twice of it they raise, and up to there the size is looked at here.

    Args:
        file: An open file, or the bytes of one.
        name: What to call it in messages.
        max_pixels: The most pixels that an image may have.

    Raises:
        ValueError: If it is empty, or has more pixels.
    """
    if isinstance(file, bytes):
        if not file:
            _refuse_empty(name)
        file = io.BytesIO(file)
    elif os.fstat(file.fileno()).st_size == 0:  # type: ignore[attr-defined]
        _refuse_empty(name)
    try:
        image = _open_within(file, name, max_pixels)
    except UnidentifiedImageError as error:
        file.seek(0)  # type: ignore[attr-defined]
        kind = foreign_kind(file.read(512))  # type: ignore[attr-defined]
        error.seen = f", but {kind}" if kind else ""  # type: ignore[attr-defined]
        raise
    width, height = image.size
    if width * height > max_pixels:
        pixels = f"{width * height:,} pixels ({width}x{height}), more than"
        raise _too_many(pixels, name, max_pixels)
    return image


def _open_within(file: object, name: str, max_pixels: int) -> Image.Image:
    with _OPENING:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, max_pixels
        try:
            return _open_quietly(file)
        except Image.DecompressionBombError:
            raise _too_many("more pixels than", name, max_pixels) from None
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _too_many(pixels: str, name: str, max_pixels: int) -> TooManyPixelsError:
    return TooManyPixelsError(
        f"The image has {pixels} the limit of {max_pixels:,}, and was not "
        "decoded. Shrink or remove it, raise `max_pixels` (`--max-pixels`), or "
        f"go on without it with `skip_bad=True`. Received: path={name!r}"
    )


def _open_quietly(file: object) -> Image.Image:
    """Opens a file even where Pillow's remarks on its EXIF are errors."""
    try:
        return Image.open(file, formats=known_kinds())  # type: ignore[arg-type]
    except Warning:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(file, formats=known_kinds())  # type: ignore[arg-type]


@cache
def known_kinds() -> tuple[str, ...]:
    """The kinds of files that are read; a Pillow may lack some."""
    Image.init()
    if importlib.util.find_spec("pillow_heif"):
        importlib.import_module("pillow_heif").register_heif_opener()
    return tuple(kind for kind in Image.ID if kind in _KINDS)


def _refuse_empty(name: str) -> None:
    raise BadImageError(
        "The image file is empty (0 bytes). Replace or remove it, or go on "
        "without such files with `skip_bad=True` (`--skip-bad`). "
        f"Received: path={name!r}"
    )


def upright(image: Image.Image) -> Image.Image:
    """Applies the EXIF rotation; a broken EXIF block is no reason to fail.

    Args:
        image: As it lies in the file.

    Examples:
        >>> upright(Image.new("L", (4, 2))).size
        (4, 2)
    """
    try:
        return ImageOps.exif_transpose(image)
    except _DAMAGED + (Warning,):
        return image
