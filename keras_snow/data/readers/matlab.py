"""Reads the lists of data sets that are published as Matlab's files."""

import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_snow.core.extras import require
from keras_snow.data.readers.layout import Row


def cars_rows(root: pathlib.Path, part: str) -> Iterator[Row]:
    """Yields the images of Stanford Cars.

    The labels of the test images are a file of their own, which came later;
    without it there are the training images alone.

    Args:
        root: The folder with `devkit/`, `cars_train/` and `cars_test/`.
        part: Not used.
    """
    del part
    meta = _load(root / "devkit/cars_meta.mat")
    names = [str(name) for name in np.ravel(meta["class_names"])]
    lists = {"train": "devkit/cars_train_annos.mat"}
    for place in ("", "devkit/"):
        if (root / place / "cars_test_annos_withlabels.mat").is_file():
            lists["test"] = f"{place}cars_test_annos_withlabels.mat"
    for split, path in lists.items():
        for number, each in enumerate(_load(root / path)["annotations"], 1):
            label = int(each["class"])
            if not 1 <= label <= len(names):
                raise ValueError(
                    f"A list has a class that `cars_meta.mat` lacks. Received: "
                    f"path={str(root / path)!r}, entry={number}, class={label}"
                )
            where = f"entry {number} of {pathlib.Path(path).name}"
            image = f"cars_{split}/{each['fname']}"
            # A slash, as in "C/V", is no folder here.
            yield Row(image, names[label - 1], split, where)


def flowers_rows(root: pathlib.Path, part: str) -> Iterator[Row]:
    """Yields the images of Oxford Flowers, whose classes have numbers alone.

    Args:
        root: The folder with `imagelabels.mat`, `setid.mat` and `jpg/`.
        part: Not used.
    """
    del part
    labels = np.ravel(_load(root / "imagelabels.mat")["labels"])
    parts = _load(root / "setid.mat")
    keys = {"train": "trnid", "validation": "valid", "test": "tstid"}
    for split, key in keys.items():
        for number in np.ravel(parts[key]):
            if not 1 <= number <= len(labels):
                raise ValueError(
                    "The file `setid.mat` names an image without a label. "
                    f"Received: path={str(root)!r}, {key}={number}"
                )
            image = f"jpg/image_{number:05}.jpg"
            where = f"{key} of setid.mat"
            yield Row(image, str(labels[number - 1]), split, where)


def _load(path: pathlib.Path) -> dict[str, Any]:
    require("formats", "scipy")
    import scipy.io

    if not path.is_file():
        raise FileNotFoundError(
            f"A list of the data set is missing. Received: path={str(path)!r}"
        )
    try:
        found: dict[str, Any] = scipy.io.loadmat(
            path, squeeze_me=True, struct_as_record=True
        )
    except (ValueError, NotImplementedError, OSError, TypeError) as error:
        raise ValueError(
            f"The file of Matlab can't be read: {error}. "
            f"Received: path={str(path)!r}"
        ) from error
    return found
