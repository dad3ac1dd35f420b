"""Images without classes."""

import os
from collections.abc import Mapping
from collections.abc import Sequence

from keras_snow.core.files import expand_home
from keras_snow.data.image_files import files_below
from keras_snow.data.image_files import image_endings
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledFile
from keras_snow.data.labelled_files import Listing
from keras_snow.data.labelled_files import SkippedFile
from keras_snow.data.labelled_files import label_files
from keras_snow.data.split import Split
from keras_snow.data.task import Task


class Unlabelled(Task):
    """Images without classes, from which a source can be made.

    Args:
        name: What to call them.
        splits: `"train"` alone.
        skipped: Files that were left out, and why.

    Examples:
        >>> from keras_snow.data.array_store import ArrayStore
        >>> store = ArrayStore(np.zeros((3, 8, 8, 3), "uint8"))
        >>> images = Split(store, np.arange(3), np.zeros(3, "int32"))
        >>> Unlabelled("photos", {"train": images}).num_classes
        0
    """

    def __init__(
        self,
        name: str,
        splits: Mapping[str, Split],
        skipped: Sequence[SkippedFile] = (),
    ) -> None:
        # Not `Task`'s own: it wants two classes.
        self.name = name
        self.class_names = ()
        self.splits = dict(splits)
        self.skipped = tuple(skipped)
        self.held_out = None
        self.form = ""


def read_unlabelled(
    path: str | os.PathLike[str], rules: FileRules | None = None
) -> Unlabelled:
    """Finds all images below a folder, at any depth.

    Files that are not called like images are passed over.

    Args:
        path: The folder.
        rules: What is a bad file, and what is done then.

    Raises:
        OSError: If the folder or a file can't be read.
        ValueError: If there are no images, or a bad one.

    Examples:
        >>> read_unlabelled("missing")
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such folder. Received: path='missing'
    """
    root = expand_home(path)
    if not root.is_dir():
        raise FileNotFoundError(
            f"There is no such folder. Received: path={str(path)!r}"
        )
    endings = image_endings()
    files = [
        LabelledFile(each, "image")
        for each in files_below(root)
        if each.suffix.lower() in endings
    ]
    if not files:
        raise ValueError(
            f"There are no images in this folder. Received: path={str(path)!r}"
        )
    found = label_files(
        Listing.of(files), ["image"], root, rules or FileRules()
    )
    return Unlabelled(root.resolve().name, found.splits, found.skipped)
