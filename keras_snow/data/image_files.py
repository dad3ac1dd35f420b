"""Files and folders that count, and what images are called."""

import os
import pathlib
from collections.abc import Iterator

# What operating systems leave in folders.
_LITTER = {"thumbs.db", "desktop.ini", "__macosx", "icon\r"}


def image_endings() -> set[str]:
    """Returns how the names of image files end, in lower case.

    Examples:
        >>> ".png" in image_endings(), ".pdf" in image_endings()
        (True, False)
    """
    from PIL import Image

    from keras_snow.data.open_image import known_kinds

    known_kinds()  # Makes Pillow know all of them.
    # Pillow also claims these, which seldom hold pictures.
    others = {".pdf", ".ps", ".eps", ".mpg", ".mpeg", ".h5"}
    return set(Image.registered_extensions()) - others


def subfolders(folder: pathlib.Path) -> list[pathlib.Path]:
    """Returns the folders in a folder that count, by name.

    Args:
        folder: The folder.
    """
    with os.scandir(folder) as entries:
        names = [x.name for x in entries if counts(x.name) and x.is_dir()]
    return [folder / name for name in sorted(names)]


def files_below(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yields all files below a folder, in an order that no system changes.

    Links are followed, but for those that lead back to a folder around them.
    Hidden files, and what operating systems leave, are left out.

    Args:
        folder: The folder.
    """
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(
            name
            for name in folders
            if counts(name) and not _leads_back(os.path.join(place, name))
        )
        for name in sorted(names):
            if counts(name):
                yield pathlib.Path(place, name)


def counts(name: str) -> bool:
    """Tells whether a file or folder of this name belongs to the data.

    Args:
        name: Its name.

    Examples:
        >>> counts("cat.png"), counts(".DS_Store")
        (True, False)
    """
    return not name.startswith(".") and name.lower() not in _LITTER


def _leads_back(path: str) -> bool:
    if not os.path.islink(path):
        return False
    around = pathlib.Path(os.path.realpath(os.path.dirname(path)))
    return around.is_relative_to(os.path.realpath(path))
