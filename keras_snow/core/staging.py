"""A hidden folder where files are made before they move into their place."""

import contextlib
import json
import os
import pathlib
import shutil
import tempfile
import time
from collections.abc import Iterator

from keras_snow.core.full_disk import told_if_full
from keras_snow.core.lock import exclusive

_PREFIX = ".snow-"
_LOCK = ".lock"
_MOVES = ".moves"
_YOUNG = 60.0  # Seconds; between its making and its lock lies a moment.


@contextlib.contextmanager
def staging(target: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Yields an empty folder beside `target`, and removes it in the end.

    What killed processes have left beside `target` is removed first.

    Args:
        target: What will be written. Its folder is made if need be.

    Yields:
        The folder, in the same file system as `target`.

    Examples:
        >>> with staging("notes.txt") as folder:
        ...     _ = pathlib.Path(folder, "notes.txt").write_text("Snow.")
        ...     move_into_place(folder, last="notes.txt")
        >>> pathlib.Path("notes.txt").read_text()
        'Snow.'
    """
    parent = pathlib.Path(target).parent
    with told_if_full(target), contextlib.ExitStack() as held:
        parent.mkdir(parents=True, exist_ok=True)
        sweep(parent)
        folder = _make(parent, held)
        try:
            yield folder
        finally:
            held.close()
            _remove(folder)


def move_into_place(folder: pathlib.Path, last: str) -> None:
    """Moves all that was made in a staging folder out of it, one by one.

    A failure or a kill before the last move is undone: what was moved is
    removed. So each place must have been free.
    """
    others = sorted(x.name for x in folder.iterdir() if x.name != _LOCK)
    names = [name for name in others if name != last] + [last]
    (folder / _MOVES).write_text(json.dumps(names), encoding="utf-8")
    for name in names:
        os.replace(folder / name, folder.parent / name)


def sweep(parent: pathlib.Path) -> None:
    """Removes the staging folders of processes that are gone."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, ValueError):
            if not _is_ours(folder):
                continue
            with exclusive(folder / _LOCK, "Its process lives."):
                pass
            _remove(folder)


def _make(parent: pathlib.Path, held: contextlib.ExitStack) -> pathlib.Path:
    """Makes a folder and holds it. Another process may sweep it before."""
    while True:
        folder = pathlib.Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        with contextlib.suppress(FileNotFoundError, ValueError):
            held.enter_context(exclusive(folder / _LOCK, "It is swept."))
            if (folder / _LOCK).exists():
                return folder


def _is_ours(folder: pathlib.Path) -> bool:
    """Tells whether this user made it. Anybody writes into `/tmp`."""
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid != getattr(os, "getuid", int)():
        return False
    return (folder / _LOCK).exists() or time.time() - state.st_mtime > _YOUNG


def _remove(folder: pathlib.Path) -> None:
    with contextlib.suppress(OSError, ValueError):
        _undo_moves(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _undo_moves(folder: pathlib.Path) -> None:
    names = json.loads((folder / _MOVES).read_text(encoding="utf-8"))
    moved = [name for name in names if not (folder / name).exists()]
    if len(moved) == len(names):
        return
    for name in moved:
        place = folder.parent / pathlib.PurePath(name).name
        if place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)
