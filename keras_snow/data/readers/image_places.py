"""Where the images lie that a table names."""

import os
import pathlib
import re
from collections.abc import Callable
from collections.abc import Sequence
from typing import NamedTuple

from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.data.image_files import image_endings
from keras_snow.data.image_files import subfolders

IMAGE_FOLDERS = {
    *("image", "images", "img", "imgs", "jpg", "photos", "pictures"),
    *("jpegimages", "pngimages"),
}


class Places(NamedTuple):
    """The folder of images, and the path of each."""

    folder: pathlib.Path
    paths: Sequence[str]
    by_stem: bool


def place_images(
    names: Sequence[str],
    table: pathlib.Path,
    told: PathLike | None,
    where: Callable[[int], str],
) -> Places:
    """Finds the images that a table names, with or without their endings.

    Without being told they lie in the table's folder; or, if the first does
    not, in the one folder beside the table that holds it and is called
    `images` or like the table.

    Args:
        names: What the table calls them.
        table: The table.
        told: The folder, if it is known.
        where: Tells where a name stands, by its number, for messages.

    Raises:
        FileNotFoundError: If there is no such folder, or no image for a name
            without an ending.
        ValueError: If several folders, or several images, may be meant.
    """
    if any("\\" in name for name in names[:1]):
        names = [name.replace("\\", "/") for name in names]
    folder = _folder_of(names[0], table, told)
    if os.path.isfile(folder / names[0]) or _has_ending(names[0]):
        return Places(folder, _joined(folder, names), False)
    index = _by_stem(folder, {os.path.dirname(name) for name in names})
    paths = []
    for number, name in enumerate(names):
        found = index.get(os.path.normpath(name), [])
        if len(found) != 1:
            what = "several images" if found else "no image"
            raise (ValueError if found else FileNotFoundError)(
                f"There is {what} of this name{_unless(told)}. Received: "
                f"name={name!r} ({where(number)}), folder={str(folder)!r}"
                + (f" with {', '.join(found)}" if found else "")
            )
        paths.append(str(folder / found[0]))
    return Places(folder, paths, True)


def _folder_of(
    first: str, table: pathlib.Path, told: PathLike | None
) -> pathlib.Path:
    if told is not None:
        folder = expand_home(told)
        if not folder.is_dir():
            raise FileNotFoundError(
                "There is no such folder of images. "
                f"Received: images={str(told)!r}"
            )
        return folder
    own = table.parent
    if _holds(own, first):
        return own
    stem = _plain(table.stem)
    called = {*IMAGE_FOLDERS, *(f"{stem}{x}" for x in ("", "images", "image"))}
    beside = [x for x in subfolders(own) if _plain(x.name) in called]
    found = [folder for folder in beside if _holds(folder, first)]
    if len(found) > 1:
        raise ValueError(
            "Several folders hold the first image of the table. Name one by "
            "`images` (`--images`). "
            f"Received: image={first!r}, folders={[x.name for x in found]}"
        )
    return found[0] if found else own


def _holds(folder: pathlib.Path, name: str) -> bool:
    if os.path.isfile(folder / name):
        return True
    if _has_ending(name):
        return False
    place = os.path.dirname(name)
    return os.path.normpath(name) in _by_stem(folder, {place})


def _by_stem(folder: pathlib.Path, places: set[str]) -> dict[str, list[str]]:
    """Returns the images of folders by their names without endings."""
    endings = image_endings()
    found: dict[str, list[str]] = {}
    for place in places:
        if not os.path.isdir(folder / place):
            continue
        for name in os.listdir(folder / place):
            stem, ending = os.path.splitext(name)
            if ending.lower() in endings:
                path = os.path.join(place, name)
                key = os.path.normpath(os.path.join(place, stem))
                found.setdefault(key, []).append(path)
    return found


def _has_ending(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in image_endings()


def _joined(folder: pathlib.Path, names: Sequence[str]) -> list[str]:
    place = os.path.join(folder, "")
    if "\n/" in "\n".join(("", *names)):
        return [os.path.join(place, name) for name in names]
    return [place + name for name in names]


def _unless(told: PathLike | None) -> str:
    return "" if told else "; name the folder by `images` (`--images`)"


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
