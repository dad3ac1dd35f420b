"""Layout: how an archive of a published data set unpacks, as a description."""

import dataclasses
import os
import pathlib
import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import NamedTuple

from keras_snow.data.class_order import order_classes
from keras_snow.data.image_files import counts
from keras_snow.data.image_files import files_below
from keras_snow.data.image_files import subfolders
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledFile
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.labelled_files import Listing
from keras_snow.data.labelled_files import label_files
from keras_snow.data.readers.reading import Reading


class Lines(NamedTuple):
    """A list of images, a line each.

    Args:
        split: Of these images.
        file: Path of the list, whose name is a pattern; `PART` stands for the
            part that was chosen.
        line: Pattern of a line. Its groups, and those of the name, fill the
            templates of the layout.
        image: Template of the path of an image; the layout's if None.
    """

    split: str
    file: str
    line: str
    image: str | None = None


class Files(NamedTuple):
    """All files below a folder.

    Args:
        split: Of these images.
        folder: Where they lie.
        path: Pattern of a path below it.
    """

    split: str
    folder: str
    path: str


class Row(NamedTuple):
    """An image, and where that is written."""

    image: str
    label: str
    split: str
    where: str


@dataclasses.dataclass(frozen=True)
class Layout:
    """How an archive of a published data set unpacks.

    Args:
        title: The name of the data set.
        marks: Paths that are there if it is this data set; their parts may be
            patterns.
        lists: What lists its images.
        image: Template of the path of an image.
        label: Template of its class.
        parts: Names of its parts, of which one is read. A pattern with a group
            if the files tell them.
        default: The part that is read if the user does not say.
        rows: Reads what no list can describe, from folder and part.
        roots: Folders that paths of images may be relative to.

    Examples:
        >>> Layout("Food-101", ("meta", "images")).matches(pathlib.Path("."))
        False
    """

    title: str
    marks: tuple[str, ...]
    lists: tuple[Lines | Files, ...] = ()
    image: str = "{image}"
    label: str = "{label}"
    parts: tuple[str, ...] | str = ()
    default: str | None = None
    rows: Callable[[pathlib.Path, str], Iterable[Row]] | None = None
    roots: tuple[str, ...] = ("",)

    def matches(self, root: pathlib.Path) -> bool:
        """Tells whether a folder is this data set.

        Args:
            root: The folder.
        """
        return all(any(_found(root, mark)) for mark in self.marks)

    def list_rows(self, root: pathlib.Path, part: str = "") -> list[Row]:
        """Returns the images, before any of them is opened.

        Args:
            root: The folder.
            part: What was chosen of `parts`.

        Raises:
            OSError: If a list is missing.
            ValueError: If a line is not like the others.
        """
        if self.rows is not None:
            return list(self.rows(root, part))
        return [
            row
            for source in self.lists
            for row in (
                self._of_lines(root, source, part)
                if isinstance(source, Lines)
                else self._of_files(root, source, part)
            )
        ]

    def choose_part(self, root: pathlib.Path, given: str | None) -> str:
        """Returns which part is read.

        Args:
            root: The folder.
            given: What the user says.

        Raises:
            ValueError: If there is no such part, or one must be said.
        """
        known = self.parts
        if isinstance(known, str):
            known = tuple(
                sorted({match[1] for _, match in _found(root, known)})
            )
        if not known:
            Reading(part=given).refuse(f"the {self.title} data set")
            return ""
        chosen = given or self.default
        if chosen not in known:
            problem = "Say which part" if chosen is None else "No such part"
            raise ValueError(
                f"{problem} of {self.title} is to be read by `part` "
                f"(`--part`): {', '.join(known)}. Received: part={given!r}, "
                f"path={str(root)!r}"
            )
        return chosen

    def _of_lines(
        self, root: pathlib.Path, source: Lines, part: str
    ) -> Iterator[Row]:
        named = source.file.replace("PART", re.escape(part))
        found = list(_found(root, named))
        if not found:
            raise FileNotFoundError(
                f"A list of {self.title} is missing. "
                f"Received: path={str(root)!r}, list={named!r}"
            )
        for path, match in found:
            text = path.read_text(encoding="utf-8-sig", errors="replace")
            for number, line in enumerate(text.splitlines(), 1):
                if not line.strip():
                    continue
                where = f"line {number} of {path.name}"
                said = re.fullmatch(source.line, line.strip())
                if said is None:
                    raise ValueError(
                        f"A line of a list of {self.title} is not like the "
                        f"others. Received: path={str(path)!r}, line {number}, "
                        f"{line[:60]!r}"
                    )
                groups = {**match.groupdict(), **said.groupdict()}
                image = source.image or self.image
                image = image.format(**groups, part=part)
                label = self.label.format(**groups)
                yield Row(image, label, source.split, where)

    def _of_files(
        self, root: pathlib.Path, source: Files, part: str
    ) -> Iterator[Row]:
        folder = root / source.folder.replace("PART", part)
        for path in files_below(folder):
            below = path.relative_to(folder).as_posix()
            match = re.fullmatch(source.path, below)
            if match is not None:
                image = path.relative_to(root).as_posix()
                label = self.label.format(**match.groupdict())
                yield Row(image, label, source.split, below)


def find_layout(
    root: pathlib.Path, layouts: Iterable[Layout]
) -> tuple[Layout, pathlib.Path] | None:
    """Returns the data set that a folder holds, and its own folder.

    Args:
        root: The folder; the data set may lie one folder below.
        layouts: Those that are known.

    Returns:
        None if it is none of them.
    """
    places = [root]
    below = subfolders(root)
    if len(below) < _FEW:
        places += below
    for place in places:
        for layout in layouts:
            if layout.matches(place):
                return layout, place
    return None


# A folder of so many folders is one of classes.
_FEW = 8


def read_layout(
    layout: Layout, root: pathlib.Path, rules: FileRules, reading: Reading
) -> LabelledSplits:
    """Reads a published data set with its published splits.

    Args:
        layout: What it is.
        root: Its folder.
        rules: What is a bad file, and what is done then.
        reading: What the data does not say.

    Raises:
        OSError: If a list or an image is missing.
        ValueError: If one is damaged.
    """
    reading.refuse(f"the {layout.title} data set", "part")
    part = layout.choose_part(root, reading.part)
    rows = layout.list_rows(root, part)
    if not rows:
        raise ValueError(
            f"The lists of {layout.title} name no images. "
            f"Received: path={str(root)!r}"
        )
    place = next(
        (root / x for x in layout.roots if (root / x / rows[0].image).exists()),
        root,
    )
    found = label_files(
        Listing.of(
            LabelledFile(os.path.join(place, row.image), row.label, row.split)
            for row in rows
        ),
        order_classes(row.label for row in rows),
        place,
        rules,
        lambda index: rows[index].where,
    )
    said = f", {part}" if part else ""
    splits = " and ".join(dict.fromkeys(row.split for row in rows))
    form = f"{layout.title} as published{said}: its own {splits}"
    return dataclasses.replace(found, form=form)


def _found(
    root: pathlib.Path, named: str
) -> Iterator[tuple[pathlib.Path, "re.Match[str]"]]:
    """Yields the paths whose parts match those of a pattern, sorted."""
    name, _, rest = named.partition("/")
    if (root / name).exists():
        names = [name]
    elif root.is_dir():
        names = sorted(x for x in os.listdir(root) if counts(x))
    else:
        names = []
    for each in names:
        match = re.fullmatch(name, each)
        if match is not None and rest:
            yield from _found(root / each, rest)
        elif match is not None:
            yield root / each, match
