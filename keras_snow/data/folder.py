"""Finds the images and classes of a folder."""

import os
import pathlib
from collections.abc import Iterator
from collections.abc import Sequence

from keras_snow.core.files import expand_home
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledFile
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.labelled_files import label_files

_SPLIT_FOLDERS = {
    "train": "train",
    "test": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
}
# What operating systems leave in folders.
_LITTER = {"thumbs.db", "desktop.ini", "__macosx", "icon\r"}


def read_folder(
    path: str | os.PathLike[str], rules: FileRules
) -> LabelledSplits:
    """Finds the images of a folder, and their classes and splits.

    Args:
        path: A folder with `train/` and perhaps `test/` and `validation/` (or
            `val/`), each with one folder a class; or a folder with one folder
            a class.
        rules: What is a bad file, and what is done then.

    Raises:
        OSError: If the folder or a file can't be read.
        ValueError: If there are no class folders, no images, an empty class,
            a test class that train has not, or a bad file.

    Examples:
        >>> read_folder("missing", FileRules())
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such folder. Received: path='missing'
    """
    root = _existing_folder(path)
    split_folders = _split_folders(root)
    classes = _class_names(split_folders["train"])
    files = []
    for split, folder in split_folders.items():
        _check_classes(folder, classes, split)
        _check_loose_files(folder, rules)
        files += list(_files_of(folder, split))
    return label_files(files, classes, root, rules)


def _existing_folder(path: str | os.PathLike[str]) -> pathlib.Path:
    root = expand_home(path)
    if not root.exists():
        raise FileNotFoundError(
            f"There is no such folder. Received: path={str(path)!r}"
        )
    if not root.is_dir():
        raise NotADirectoryError(
            "A task is read from a folder with one folder a class. "
            f"Received: path={str(path)!r}, a file"
        )
    return root


def _split_folders(root: pathlib.Path) -> dict[str, pathlib.Path]:
    """The folder of each split; of one tree it is `root` itself.

    Only folders that bear names of splits, and nothing else, make splits: a
    class may be called "train".
    """
    folders = _subfolders(root)
    _refuse_others(root, folders)
    names = {folder.name.lower() for folder in folders}
    if "train" not in names or not names <= set(_SPLIT_FOLDERS):
        if names and names <= set(_SPLIT_FOLDERS):
            raise ValueError(
                "A folder with splits needs `train/` too. "
                f"Received: path={str(root)!r} with {sorted(names)}"
            )
        return {"train": root}
    found: dict[str, pathlib.Path] = {}
    for folder in sorted(folders, key=lambda each: each.name):
        split = _SPLIT_FOLDERS[folder.name.lower()]
        if split in found:
            raise ValueError(
                f"Two folders hold the {split} images. Keep one of them. "
                f"Received: {found[split].name!r} and {folder.name!r} in "
                f"{str(root)!r}"
            )
        found[split] = folder
    return {name: found[name] for name in sorted(found, key=_rank)}


def _refuse_others(root: pathlib.Path, folders: Sequence[pathlib.Path]) -> None:
    """Splits are no classes, nor is what lies beside them a split."""
    splits, others = set(), []
    for folder in folders:
        split = _SPLIT_FOLDERS.get(folder.name.lower())
        if split is None:
            others.append(folder.name)
        elif _subfolders(folder):
            splits.add(split)
    if others and "train" in splits and len(splits) > 1:
        raise ValueError(
            "Beside the folders of splits lies another one, which is none of "
            "them. Move it elsewhere, or let its name begin with a dot. "
            f"Received: folder={others[0]!r} in {str(root)!r}"
        )


def _rank(split: str) -> int:
    return ("train", "validation", "test").index(split)


def _class_names(folder: pathlib.Path) -> list[str]:
    names = [each.name for each in _subfolders(folder)]
    if names:
        return names
    files = [each for each in folder.iterdir() if _counts(each.name)]
    lying = f" {len(files)} files lie in it directly." if files else ""
    raise ValueError(
        "The folder holds no class folders: it must have one folder a class "
        f"with images inside.{lying} Received: path={str(folder)!r}"
    )


def _check_classes(
    folder: pathlib.Path, classes: list[str], split: str
) -> None:
    for each in _subfolders(folder):
        if each.name not in classes:
            raise ValueError(
                f"The {split} folder has a class that the train folder lacks. "
                f"Received: class={each.name!r}, path={str(each)!r}"
            )
        if not any(files_below(each)):
            raise ValueError(
                "A class folder holds no images. Add some or remove the "
                f"folder. Received: class={each.name!r}, path={str(each)!r}"
            )


def _check_loose_files(folder: pathlib.Path, rules: FileRules) -> None:
    """Images beside the class folders have no class; do not lose them."""
    if rules.skip_bad:
        return
    endings = image_endings()
    for each in sorted(folder.iterdir()):
        if each.is_file() and each.suffix.lower() in endings:
            raise ValueError(
                "An image lies beside the class folders, so that it has no "
                "class. Move it into one, or go on without it with "
                f"`skip_bad=True` (`--skip-bad`). Received: path={str(each)!r}"
            )


def image_endings() -> set[str]:
    """Returns how the names of image files end, in lower case.

    Examples:
        >>> ".png" in image_endings(), ".pdf" in image_endings()
        (True, False)
    """
    from PIL import Image

    # Pillow also claims these, which seldom hold pictures.
    others = {".pdf", ".ps", ".eps", ".mpg", ".mpeg", ".h5"}
    return set(Image.registered_extensions()) - others


def _files_of(folder: pathlib.Path, split: str) -> Iterator[LabelledFile]:
    for each in _subfolders(folder):
        for path in files_below(each):
            yield LabelledFile(path, each.name, split)


def _subfolders(folder: pathlib.Path) -> list[pathlib.Path]:
    found = (each for each in folder.iterdir() if each.is_dir())
    return sorted(
        (each for each in found if _counts(each.name)),
        key=lambda each: each.name,
    )


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
            if _counts(name) and not _leads_back(os.path.join(place, name))
        )
        for name in sorted(names):
            if _counts(name):
                yield pathlib.Path(place, name)


def _leads_back(path: str) -> bool:
    if not os.path.islink(path):
        return False
    around = pathlib.Path(os.path.realpath(os.path.dirname(path)))
    return around.is_relative_to(os.path.realpath(path))


def _counts(name: str) -> bool:
    return not name.startswith(".") and name.lower() not in _LITTER
