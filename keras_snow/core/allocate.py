"""An array in a file that has its space from the start."""

import errno
import os
import pathlib

import numpy as np

from keras_snow.core.full_disk import told_if_full

_CHUNK = 1 << 24  # Bytes.
# Of a file system that can't allocate.
_UNABLE = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


def new_array_file(
    path: pathlib.Path, dtype: str, shape: tuple[int, ...]
) -> np.memmap:
    """Returns an array that lies in a new `.npy` file.

    A file that grows as its pages are written ends the process with a signal
    when the disk is full. This one has all of its space, or is not there.

    Examples:
        >>> maps = new_array_file(pathlib.Path("maps.npy"), "float16", (2, 3))
        >>> maps.shape, pathlib.Path("maps.npy").stat().st_size
        ((2, 3), 140)
    """
    array = np.lib.format.open_memmap(path, "w+", dtype, shape)
    try:
        with told_if_full(path):
            _allocate(path, array.offset)
    except BaseException:
        del array
        path.unlink(missing_ok=True)
        raise
    return array


def _allocate(path: pathlib.Path, start: int) -> None:
    size = path.stat().st_size
    with path.open("rb+") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, size)
            return
        except AttributeError:
            pass  # A system without it.
        except OSError as error:
            if error.errno not in _UNABLE:
                raise
        file.seek(start)
        for place in range(start, size, _CHUNK):
            file.write(bytes(min(_CHUNK, size - place)))
        file.flush()
        os.fsync(file.fileno())
