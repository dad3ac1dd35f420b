"""Reads arrays out of archives that may declare more than they hold."""

import contextlib
import lzma
import math
import os
import pathlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

import numpy as np

from keras_snow.core.files import PathLike
from keras_snow.core.memory import check_memory

EXPANSION = 100
"""The most that what is stored may grow by; deflated zeros grow by 1,000."""
FLOOR = 1 << 20  # Bytes that any part may declare.
_ENDING = ".npy"
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OverflowError,
    RuntimeError,  # Of a file that needs a password.
)


@contextlib.contextmanager
def opened_archive(path: PathLike | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Opens a zip file whose parts hold what they declare.

    Yields:
        The archive.

    Examples:
        >>> np.savez("zeros.npz", zeros=np.zeros(3))
        >>> with opened_archive("zeros.npz") as archive:
        ...     archive.namelist()
        ['zeros.npy']
    """
    with contextlib.ExitStack() as opened:
        try:
            # `zipfile` leaves a damaged file open that it opened itself.
            file = (
                opened.enter_context(pathlib.Path(path).open("rb"))
                if isinstance(path, (str, os.PathLike))
                else path
            )
            size = file.seek(0, os.SEEK_END)
            archive = opened.enter_context(zipfile.ZipFile(file))
            _check_members(archive, size)
            yield archive
        except _DAMAGE as error:
            reason = str(error).strip("'\"") or type(error).__name__
            raise ValueError(f"it is damaged: {reason}") from error


def load_arrays(path: PathLike) -> dict[str, np.ndarray]:
    """Reads a `.npz` file. Nothing is unpickled.

    Examples:
        >>> np.savez("counts.npz", counts=[1, 2])
        >>> load_arrays("counts.npz")
        {'counts': array([1, 2])}
    """
    with opened_archive(path) as archive:
        return arrays_of(archive)


def arrays_of(archive: zipfile.ZipFile) -> dict[str, np.ndarray]:
    """Reads all arrays of an archive."""
    names = [x for x in archive.namelist() if x.endswith(_ENDING)]
    return {name.removesuffix(_ENDING): _array(archive, name) for name in names}


def check_expansion(what: str, declared: int, stored: int) -> None:
    """Looks whether what is stored can be what is declared."""
    if declared > max(FLOOR, EXPANSION * stored):
        raise ValueError(
            f"{what} declares {declared:,} bytes, of which {stored:,} are there"
        )


def _check_members(archive: zipfile.ZipFile, size: int) -> None:
    total = 0
    for member in archive.infolist():
        if member.compress_type not in _KINDS:
            raise ValueError(f"{member.filename!r} is compressed otherwise")
        check_expansion(
            repr(member.filename), member.file_size, member.compress_size
        )
        total += member.file_size
    # Members may lie on each other.
    check_expansion("the archive", total, size)
    check_memory("its content", total)


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    with archive.open(name) as file:
        version = np.lib.format.read_magic(file)
        if version not in _HEADERS:
            raise ValueError(f"{name!r} has a format of version {version}")
        shape, _, dtype = _HEADERS[version](file)
        held = archive.getinfo(name).file_size - file.tell()
        if dtype.hasobject:
            raise ValueError(f"{name!r} holds Python objects")
        declared = math.prod(shape) * dtype.itemsize
        if declared != held or not dtype.itemsize or min(shape, default=0) < 0:
            raise ValueError(
                f"{name!r} declares {declared:,} bytes and holds {held:,}"
            )
    with archive.open(name) as file:
        found: np.ndarray = np.lib.format.read_array(file, allow_pickle=False)
        return found
