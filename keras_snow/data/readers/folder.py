"""Finds the images and classes of a folder."""

import os
import pathlib
from collections import Counter
from collections.abc import Iterator

from keras_snow.core.files import expand_home
from keras_snow.core.near_path import did_you_mean
from keras_snow.data.image_files import counts
from keras_snow.data.image_files import files_below
from keras_snow.data.image_files import image_endings
from keras_snow.data.image_files import subfolders
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledFile
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.labelled_files import Listing
from keras_snow.data.labelled_files import label_files
from keras_snow.data.readers.folder_layout import check_class_folders
from keras_snow.data.readers.folder_layout import check_same_classes
from keras_snow.data.readers.folder_layout import split_folders
from keras_snow.data.task_forms import describe_file


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
    found = split_folders(root)
    classes = _class_names(found["train"])
    check_class_folders(found["train"])
    check_same_classes(found)
    files = []
    for split, folder in found.items():
        _check_classes(folder, classes, split)
        _check_loose_files(folder, rules)
        files += list(_files_of(folder, split))
    return label_files(Listing.of(files), classes, root, rules)


def _existing_folder(path: str | os.PathLike[str]) -> pathlib.Path:
    root = expand_home(path)
    if not root.exists():
        raise FileNotFoundError(
            f"There is no such folder. {did_you_mean(path)}"
            f"Received: path={str(path)!r}"
        )
    if not root.is_dir():
        raise NotADirectoryError(describe_file(root))
    return root


def _class_names(folder: pathlib.Path) -> list[str]:
    names = [each.name for each in subfolders(folder)]
    if names:
        return names
    files = [each for each in folder.iterdir() if counts(each.name)]
    lying = ""
    if files:
        ((ending, _),) = Counter(x.suffix for x in files).most_common(1)
        kind = f", most of them {ending}" if ending else ""
        lying = f" {len(files)} files lie in it directly{kind}."
    raise ValueError(
        "The folder holds no class folders: it must have one folder a class "
        f"with images inside.{lying} Received: path={str(folder)!r}"
    )


def _check_classes(
    folder: pathlib.Path, classes: list[str], split: str
) -> None:
    for each in subfolders(folder):
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


def _files_of(folder: pathlib.Path, split: str) -> Iterator[LabelledFile]:
    for each in subfolders(folder):
        for path in files_below(each):
            yield LabelledFile(path, each.name, split)
