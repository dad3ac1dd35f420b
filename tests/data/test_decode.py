"""Images of every kind come out right, and bad files are named."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from keras_snow.data.decode import check_header
from keras_snow.data.decode import read_image
from keras_snow.data.open_image import TooManyPixelsError
from tests.data.bombs import gif_of
from tests.data.bombs import icon_of

RED, GREEN = (250, 10, 20), (5, 240, 30)


def encoded(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def flat(mode, colour, size=(6, 4)):
    return Image.new(mode, size, colour)


def png_of(width, height, depth, pixels):
    """A colour PNG written by hand: Pillow writes no 16-bit colours."""

    def chunk(kind, data):
        body = kind + data
        checksum = struct.pack(">I", zlib.crc32(body))
        return struct.pack(">I", len(data)) + body + checksum

    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"IDAT", zlib.compress(pixels)),
            chunk(b"IEND", b""),
        ]
    )


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "TIFF", "JPEG", "GIF"])
def test_reads_common_kinds(kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    pixels = read_image(encoded(flat("RGB", RED), kind, **options))
    assert pixels.shape == (4, 6, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - RED).max() <= 3


def test_cmyk_becomes_rgb():
    image = flat("CMYK", (0, 255, 255, 0), (16, 16))
    pixels = read_image(encoded(image, "JPEG", quality=95)).astype(int)
    assert np.abs(pixels - (255, 0, 0)).max() < 12


def test_grey_is_repeated():
    assert read_image(encoded(flat("L", 77), "PNG"))[0, 0].tolist() == [77] * 3


def test_one_bit_becomes_black_and_white():
    assert read_image(encoded(flat("1", 1), "PNG"))[0, 0].tolist() == [255] * 3


def test_files_that_would_run_other_programs_are_refused():
    page = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"
    with pytest.raises(ValueError, match="no image of a known kind"):
        read_image(page)


def test_palette_becomes_colours():
    image = flat("RGB", RED).convert("P", palette=Image.Palette.ADAPTIVE)
    assert read_image(encoded(image, "PNG"))[0, 0].tolist() == list(RED)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_pixels_are_white(mode):
    colour = (9, 9, 9, 0) if mode == "RGBA" else (9, 0)
    pixels = read_image(encoded(flat(mode, colour), "PNG"))
    assert pixels[0, 0].tolist() == [255] * 3


def test_a_transparent_palette_colour_is_white():
    image = flat("P", 0)
    image.putpalette([10, 20, 30])
    pixels = read_image(encoded(image, "PNG", transparency=0))
    assert pixels[0, 0].tolist() == [255] * 3


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_the_first_frame_of_an_animation_is_taken(kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    frames = encoded(
        flat("RGB", RED),
        kind,
        save_all=True,
        append_images=[flat("RGB", GREEN)],
        **options,
    )
    assert Image.open(io.BytesIO(frames)).n_frames == 2
    assert read_image(frames)[0, 0].tolist() == list(RED)


def test_exif_rotation_is_applied():
    image = Image.new("RGB", (6, 4), RED)
    image.paste(GREEN, (0, 0, 3, 4))  # The left half.
    exif = Image.Exif()
    exif[0x0112] = 6  # Turn clockwise to see it upright.
    pixels = read_image(encoded(image, "PNG", exif=exif))
    assert pixels.shape == (6, 4, 3)
    assert pixels[0, 0].tolist() == list(GREEN)
    assert pixels[-1, 0].tolist() == list(RED)


def test_broken_exif_is_no_reason_to_fail():
    data = encoded(
        flat("RGB", RED), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff"
    )
    assert read_image(data).shape == (4, 6, 3)


def test_shrinking_keeps_the_ratio_and_never_enlarges():
    data = encoded(Image.new("RGB", (60, 40)), "PNG")
    assert read_image(data, shorter_side=20).shape == (20, 30, 3)
    assert read_image(data, shorter_side=80).shape == (40, 60, 3)


def test_shrinking_while_decoding_changes_little():
    ramp = np.linspace(0, 255, 512).astype("uint8")
    image = Image.fromarray(np.stack([np.tile(ramp, (512, 1))] * 3, -1))
    data = encoded(image, "JPEG", quality=95)
    small = read_image(data, shorter_side=64)
    whole = Image.fromarray(read_image(data))
    reference = np.asarray(whole.resize((64, 64), Image.Resampling.BILINEAR))
    assert np.abs(small.astype(int) - reference).mean() < 1


BAD = {
    "empty.jpg": (b"", "is empty"),
    "text.jpg": (b"no image at all", "no image of a known kind"),
    **{
        f"cut.{kind}": (
            encoded(Image.effect_noise((64, 64), 50), kind)[:-900],
            words,
        )
        for kind, words in [
            ("png", "truncated"),
            ("jpeg", "truncated"),
            ("webp", "damaged"),
            ("gif", "truncated"),
        ]
    },
    "header.jpg": (
        encoded(Image.new("RGB", (9, 9)), "JPEG")[:30],
        "truncated",
    ),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("check", [read_image, check_header])
def test_bad_files_are_named(name, check, tmp_path):
    content, words = BAD[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=name) as caught:
        check(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert words in str(caught.value)


def test_a_missing_file_is_named():
    with pytest.raises(FileNotFoundError, match=r"nowhere\.jpg"):
        read_image("nowhere.jpg")


@pytest.mark.parametrize("check", [read_image, check_header])
@pytest.mark.parametrize("side", [10_000, 100_000])
def test_huge_images_are_refused_before_decoding(check, side, tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of(side, side, 8, b"\0"))
    with pytest.raises(ValueError, match=r"limit of 89,478,485.*bomb\.png"):
        check(path)


def test_a_file_inside_an_icon_is_not_decoded(monkeypatch):
    decoded = []
    monkeypatch.setattr(PngImageFile, "load", decoded.append)
    bomb = icon_of(encoded(flat("1", 0, (2000, 2000)), "PNG"))
    with pytest.raises(ValueError, match="no image of a known kind"):
        read_image(bomb, max_pixels=1000)
    assert not decoded


def test_no_memory_is_taken_for_the_frame_of_a_huge_gif(monkeypatch):
    taken = []
    monkeypatch.setattr(Image.core, "fill", lambda *args: taken.append(args))
    with pytest.raises(TooManyPixelsError, match="the limit of 1,000, and"):
        read_image(gif_of(16, 2000), max_pixels=1000)
    assert not taken
    with pytest.raises(TooManyPixelsError):
        read_image(gif_of(2000, 16), max_pixels=1000)


def test_the_pixel_limit_can_be_set():
    data = encoded(flat("RGB", RED), "PNG")
    assert read_image(data, max_pixels=24).shape == (4, 6, 3)
    with pytest.raises(
        TooManyPixelsError,
        match=r"24 pixels \(6x4\), more than the limit of 23",
    ):
        read_image(data, max_pixels=23)


def test_pillows_own_limit_is_left_as_it_was():
    before = Image.MAX_IMAGE_PIXELS
    read_image(encoded(flat("RGB", RED), "PNG"))
    assert before == Image.MAX_IMAGE_PIXELS
