"""Slices: parts of files, read when they are asked for."""

import pathlib
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple


class Slice(NamedTuple):
    """A part of a file."""

    path: pathlib.Path
    start: int
    size: int

    def read(self) -> bytes:
        """Returns its bytes."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(self.size)


class Slices(Sequence[Any]):
    """Cells of a column that are parts of files, read one by one.

    Args:
        parts: The parts.

    Examples:
        >>> _ = pathlib.Path("x").write_bytes(b"abcd")
        >>> Slices([Slice(pathlib.Path("x"), 1, 2)])[0]
        b'bc'
    """

    def __init__(self, parts: Sequence[Slice]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, index: Any) -> Any:
        return self.parts[index].read()
