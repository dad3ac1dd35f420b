"""Reads one image file of any common kind into RGB, 0 to 255."""

import io
import os
import pathlib
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from PIL import Image
from PIL import ImageOps
from PIL import UnidentifiedImageError

from keras_snow.core.errors import lacks_resources

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


def read_image(
    source: ImageSource,
    *,
    max_pixels: int = MAX_PIXELS,
    shorter_side: int | None = None,
    name: str | None = None,
) -> np.ndarray:
    """Reads an image as RGB with values from 0 to 255.

    Reads JPEG (CMYK too), JPEG 2000, PNG, WebP, AVIF, GIF, BMP, TIFF, PPM,
    PCX, QOI, SGI, Sun and TGA, but no icons (ICO, ICNS). EXIF rotation is
    applied. 16-bit values are scaled to 8 bits, transparent pixels are laid
    on white, grey and palette images become RGB, and of an animation the
    first frame is taken.

    Args:
        source: A path, or the bytes of an image file.
        max_pixels: Images with more pixels are refused before they are
            decoded.
        shorter_side: Large images are shrunk so that the shorter side has
            this many pixels; smaller ones stay as they are. Takes much less
            time than shrinking afterwards.
        name: What to call the image in messages; the path by default.

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
    with _named(name):
        image = _open(data, name, max_pixels)
        if shorter_side is not None:
            # Lets the JPEG decoder skip detail that shrinking would remove;
            # twice the target keeps the following reduction smooth.
            image.draft(None, (2 * shorter_side, 2 * shorter_side))
        image.load()
        image = _to_rgb(_upright(image), name)
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


def check_header(
    path: str | os.PathLike[str], max_pixels: int = MAX_PIXELS
) -> tuple[int, int]:
    """Looks at the ends of an image file, without decoding it.

    Finds empty files, files that are no images, images that are too large and
    most of the files that were cut short; a doubtful file is decoded to know.

    Args:
        path: The file.
        max_pixels: The most pixels that an image may have.

    Returns:
        Width and height, before EXIF rotation.

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
    with path.open("rb") as file, _named(name):
        image = _open(file, name, max_pixels)
        kind, sides = image.format, image.size
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        head = file.read(12)
        file.seek(max(0, size - 64))
        tail = file.read()
    if not _ends_well(kind, size, head, tail):
        read_image(path, max_pixels=max_pixels)
    return sides


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


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Turns what a reader raises into a sentence with the file's name."""
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
        return "it is no image of a known kind"
    text = str(error).strip().rstrip(".")
    if "truncated" in text.lower() or isinstance(error, EOFError):
        return "it is truncated (cut short)"
    return f"it is damaged ({text or type(error).__name__})"


def _open(file: object, name: str, max_pixels: int) -> Image.Image:
    """Opens an image without decoding it, and checks its size.

    Some of Pillow's readers take memory for a picture as they open its file,
    and ask for Pillow's own limit before. So that is ours meanwhile: beyond
    twice of it they raise, and up to there the size is looked at here.
    """
    if isinstance(file, bytes):
        if not file:
            _refuse_empty(name)
        file = io.BytesIO(file)
    elif os.fstat(file.fileno()).st_size == 0:  # type: ignore[attr-defined]
        _refuse_empty(name)
    with _OPENING:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, max_pixels
        try:
            image = _open_quietly(file)
        except Image.DecompressionBombError:
            raise _too_many("more pixels than", name, max_pixels) from None
        finally:
            Image.MAX_IMAGE_PIXELS = limit
    width, height = image.size
    if width * height > max_pixels:
        pixels = f"{width * height:,} pixels ({width}x{height}), more than"
        raise _too_many(pixels, name, max_pixels)
    return image


def _too_many(pixels: str, name: str, max_pixels: int) -> TooManyPixelsError:
    return TooManyPixelsError(
        f"The image has {pixels} the limit of {max_pixels:,}, and was not "
        "decoded. Shrink or remove it, raise `max_pixels` (`--max-pixels`), or "
        f"go on without it with `skip_bad=True`. Received: path={name!r}"
    )


def _open_quietly(file: object) -> Image.Image:
    """Opens a file even where Pillow's remarks on its EXIF are errors."""
    try:
        return Image.open(file, formats=_kinds())  # type: ignore[arg-type]
    except Warning:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(file, formats=_kinds())  # type: ignore[arg-type]


@cache
def _kinds() -> tuple[str, ...]:
    """The kinds of files that are read; a Pillow may lack some."""
    Image.init()
    return tuple(kind for kind in Image.ID if kind in _KINDS)


def _refuse_empty(name: str) -> None:
    raise BadImageError(
        "The image file is empty (0 bytes). Replace or remove it, or go on "
        "without such files with `skip_bad=True` (`--skip-bad`). "
        f"Received: path={name!r}"
    )


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


def _upright(image: Image.Image) -> Image.Image:
    """Applies the EXIF rotation; a broken EXIF block is no reason to fail."""
    try:
        return ImageOps.exif_transpose(image)
    except _DAMAGED + (Warning,):
        return image


def _to_rgb(image: Image.Image, name: str) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep(image, name).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, image).convert("RGB")
    if image.mode == "LAB":
        return _from_lab(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_deep(image: Image.Image, name: str) -> Image.Image:
    """Scales one channel of 16-bit, 32-bit or float values to 8 bits."""
    values = np.asarray(image)
    low, high = values.min(), values.max()
    # 0 to 1 is the habit of float images; 65535 the end of 16 bits.
    top = (1.0 if high <= 1.0 else 255.0) if image.mode == "F" else 65535.0
    if not (np.isfinite(low) and np.isfinite(high) and 0 <= low <= high <= top):
        raise BadImageError(
            "A grey image with more than 8 bits must hold values from 0 to "
            "65535 (whole numbers), or 0 to 1 or 0 to 255 (fractions). Convert "
            "or remove it, or go on without it with `skip_bad=True`. "
            f"Received: path={name!r}, mode={image.mode!r}, min={low}, "
            f"max={high}"
        )
    scaled = np.rint(values.astype("float64") * (255.0 / top))
    return Image.fromarray(scaled.astype("uint8"))


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    rgb = ImageCms.profileToProfile(
        image,
        ImageCms.createProfile("LAB"),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
    )
    return image if rgb is None else rgb
