"""What a file is that is no image of a kind that is read."""

import importlib.util

_HEIC = (
    "HEIC, which is read once `pillow-heif` is installed (`python -m pip "
    "install pillow-heif`)"
)
_FLOATS = (
    "a TIFF that Pillow can't read, such as one of colours in floats or of "
    "more than four channels"
)
# By the first bytes of a file.
_STARTS = {
    b"II*\0": _FLOATS,
    b"MM\0*": _FLOATS,
    b"II+\0": "a BigTIFF that Pillow can't read",
    b"%PDF": "a PDF",
    b"8BPS": "a file of Photoshop",
    b"v/1\x01": "an OpenEXR file",
    b"#?RADIANCE": "a Radiance HDR file",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\0\0\x01\0": "an icon",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "an array of NumPy",
    b"version https://git-lfs": "a pointer of Git LFS (run `git lfs pull`)",
}
_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1")
_WEB_PAGES = (b"<!doctype html", b"<html")


def foreign_kind(head: bytes) -> str | None:
    """Returns what a file is, in words; None if it is not known.

    Args:
        head: Its first 512 bytes.

    Examples:
        >>> foreign_kind(b"%PDF-1.7")
        'a PDF'
    """
    for start, words in _STARTS.items():
        if head.startswith(start):
            return words
    if head[4:8] == b"ftyp":
        if head[8:12] not in _BRANDS:
            return "a video"
        installed = importlib.util.find_spec("pillow_heif") is not None
        return "HEIC that can't be read" if installed else _HEIC
    if head[128:132] == b"DICM":
        return "DICOM; write its pixels as 16-bit PNG"
    text = head.lstrip().lower()
    if text.startswith(_WEB_PAGES):
        return "a web page, as failed downloads leave"
    if b"<svg" in text:
        return "SVG, a drawing without pixels"
    return None
