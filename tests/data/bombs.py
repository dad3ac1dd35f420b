"""Small files around pictures that are larger than they say."""

import struct


def icon_of(png):
    """An icon of 16 x 16 pixels, by its own word, around any PNG."""
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(png), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + png


def gif_of(side, frame_side):
    """A GIF with a frame beyond its screen, to be wiped after it is shown."""
    screen = struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6)
    wipe = b"\x21\xf9\4\x08\0\0\0\0"
    frame = b"," + struct.pack("<4HB", 0, 0, frame_side, frame_side, 0)
    return b"GIF89a" + screen + wipe + frame + b"\2\2\x44\1\0;"
