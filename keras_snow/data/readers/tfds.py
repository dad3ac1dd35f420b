"""Reads a task from TensorFlow Datasets."""

import importlib.util
import io
import os
import pathlib
import socket
import urllib.parse
import urllib.request
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

import numpy as np
from PIL import Image

from keras_snow.core.checks import check_labels
from keras_snow.core.extras import install_command
from keras_snow.core.registry import nearest_names
from keras_snow.data.decode import extent_of
from keras_snow.data.encoded_store import EncodedStore
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.split import Split
from keras_snow.data.split import whole
from keras_snow.data.value_range import ValueRange
from keras_snow.data.value_range import check_value_range
from keras_snow.data.value_range import choose_range


class TfdsTask(NamedTuple):
    """Which parts of a TFDS data set make which split of a task.

    Args:
        train: TFDS' name of the training images; `"a+b"` joins two.
        test: TFDS' name of the test images.
        host: Where the data comes from.
        archives: Files that must be placed by hand, since the host is gone.
        by_hand: Whether TFDS' builder itself asks for files placed by hand.
    """

    train: str
    test: str
    host: str
    archives: tuple[str, ...] = ()
    by_hand: bool = False


TFDS_TASKS = {
    "cars196": TfdsTask(
        "train",
        "test",
        "http://ai.stanford.edu/~jkrause/car196/",
        (
            "cars_train.tgz",
            "cars_test.tgz",
            "car_devkit.tgz",
            "cars_test_annos_withlabels.mat",
        ),
    ),
    "caltech_birds2011": TfdsTask(
        "train", "test", "https://data.caltech.edu/records/65de6-vp158"
    ),
    # The paper's 3,760 training images are the first of DTD's ten splits,
    # train and validation together.
    "dtd": TfdsTask(
        "train+validation", "test", "https://www.robots.ox.ac.uk/~vgg/data/dtd/"
    ),
    # TFDS calls the official test images "validation".
    "food101": TfdsTask(
        "train", "validation", "http://data.vision.ee.ethz.ch/cvl/"
    ),
    "stanford40_actions": TfdsTask(
        "train",
        "test",
        "http://vision.stanford.edu/Datasets/40actions.html",
        by_hand=True,
    ),
}


def read_tfds(
    name: str,
    data_dir: str | os.PathLike[str] | None = None,
    value_range: ValueRange | None = None,
) -> LabelledSplits:
    """Reads the images and labels of a TFDS data set.

    The encoded images are copied into one temporary file, so that they can be
    read in any order.

    Args:
        name: A TFDS name, which may carry a version: `cars196:2.1.0`.
        data_dir: Where TFDS keeps its data; `~/tensorflow_datasets` by
            default.
        value_range: What is black and what is white in images of more than 8
            bits. If None, all of them are looked at to know.

    Raises:
        ImportError: If tensorflow-datasets or TensorFlow is not installed.
        OSError: If the data can't be downloaded; says how to supply it.
        ValueError: If the name is unknown, or the set has no images with
            class labels.

    Examples:
        >>> TFDS_TASKS["dtd"].train
        'train+validation'
    """
    _require_tfds(name)
    import tensorflow_datasets as tfds

    if name.split(":")[0] == "stanford40_actions":
        # Defining the builder makes it known to TFDS.
        importlib.import_module("keras_snow.data.readers.stanford40")
    try:
        builder = tfds.builder(name, data_dir=data_dir)
    except tfds.core.DatasetNotFoundError as error:
        known = nearest_names(name, list(TFDS_TASKS))
        raise ValueError(
            f"TensorFlow Datasets knows no such data set. {known} "
            f"Received: name={name!r}"
        ) from error
    class_names = _class_names(builder)
    _prepare(builder)
    parts = _parts(builder)
    splits = {part: _read(builder, parts[part]) for part in parts}
    value_range = check_value_range(value_range) or _range_of(builder, splits)
    for split in splits.values():
        split.store.value_range = value_range
    return LabelledSplits(tuple(class_names), splits)


def _require_tfds(name: str) -> None:
    for module in ("tensorflow_datasets", "tensorflow"):
        if importlib.util.find_spec(module) is None:
            raise ImportError(
                f"Reading {name!r} from TensorFlow Datasets needs {module}. "
                f"Run `{install_command('cpu', 'data')}`. "
                f"Received: name={name!r}"
            )


def _class_names(builder: Any) -> Sequence[str]:
    features = builder.info.features
    # It has `in` and `[]` but no `get`.
    label = dict(features.items()).get("label")
    classes = getattr(label, "num_classes", None)
    if label is None or classes is None or "image" not in features:
        raise ValueError(
            "A task needs a data set with the features `image` and `label`. "
            f"Received: name={builder.name!r}, features={sorted(features)}"
        )
    return label.names or [str(number) for number in range(classes)]


def _parts(builder: Any) -> dict[str, str]:
    """TFDS' names of the parts by our names."""
    if builder.name in TFDS_TASKS:
        entry = TFDS_TASKS[builder.name]
        return {"train": entry.train, "test": entry.test}
    there = set(builder.info.splits) or {"train", "test"}
    if "train" not in there:
        raise ValueError(
            "A task needs a data set with a part called `train`. "
            f"Received: name={builder.name!r}, parts={sorted(there)}"
        )
    parts = {part: part for part in ("train", "validation") if part in there}
    if "test" in there:
        return {**parts, "test": "test"}
    return parts


def _prepare(builder: Any) -> None:
    """Downloads and prepares the data, unless that was done."""
    _look_before_download(builder)
    try:
        builder.download_and_prepare()
    except ImportError as error:
        raise ImportError(
            f"Preparing {builder.name} needs the module {error.name!r}. Run "
            f"`python -m pip install {error.name}`. "
            f"Received: name={builder.name!r}"
        ) from error
    except _NotReachableError as error:
        if error.missing:
            raise OSError(_instructions(builder, error.missing)) from None
        raise OSError(_advice(builder, "Its host can't be reached.")) from None
    except Exception as error:
        raise OSError(_advice(builder, _reason(error))) from error


class _NotReachableError(Exception):
    """The data is not here and can't be fetched.

    Args:
        missing: Files that have to be placed by hand.
    """

    def __init__(self, missing: Sequence[str] = ()) -> None:
        self.missing = missing
        super().__init__(missing)


def _look_before_download(builder: Any) -> None:
    """Looks for the data's host in the moment when it is wanted.

    Without that TFDS tries a host that can't be reached for minutes, and then
    fails with a bare address.
    """
    entry = TFDS_TASKS.get(builder.name)
    if entry is None or entry.by_hand:
        return
    split_generators = builder._split_generators

    def guarded(dl_manager: Any, *rest: Any, **more: Any) -> Any:
        folder = _manual_folder(builder)
        missing = [
            name for name in entry.archives if not (folder / name).exists()
        ]
        if missing:
            raise _NotReachableError(missing)
        nothing_here = not any(folder.parent.glob("*.*"))
        if not entry.archives and nothing_here and not _answers(entry.host):
            raise _NotReachableError
        return split_generators(dl_manager, *rest, **more)

    builder._split_generators = guarded


def _answers(address: str) -> bool:
    """Whether the host of an address can be reached; a proxy is trusted."""
    if urllib.request.getproxies():
        return True
    parts = urllib.parse.urlsplit(address)
    port = 443 if parts.scheme == "https" else 80
    try:
        socket.create_connection((parts.hostname, port), timeout=10).close()
    except OSError:
        return False
    return True


def _reason(error: Exception) -> str:
    """The first paragraph of what TFDS says, as a sentence."""
    text = " ".join(str(error).strip().split("\n\n")[0].split())
    return f"{(text or type(error).__name__).rstrip('.:')}."


def _manual_folder(builder: Any) -> pathlib.Path:
    return pathlib.Path(builder.data_dir_root, "downloads", "manual")


def _instructions(builder: Any, missing: Sequence[str]) -> str:
    entry = TFDS_TASKS[builder.name]
    return (
        f"The host of {builder.name}, {entry.host}, has been gone since 2023. "
        "Get the original files elsewhere and place them by hand, still "
        f"packed, in {_manual_folder(builder)}; or make a folder of images, "
        "one folder a class, and name that as the task. "
        f"Received: missing={', '.join(missing)}"
    )


def _advice(builder: Any, reason: str) -> str:
    entry = TFDS_TASKS.get(builder.name)
    source = entry.host if entry else builder.info.homepage
    return (
        f"The data of {builder.name} can't be prepared: {reason} "
        f"It comes from {source}. Download it there, place the files in "
        f"{_manual_folder(builder)} and start again, copy a prepared "
        f"{builder.data_dir} from another machine, or make a folder of images "
        "with one folder a class and name that as the task. "
        f"Received: name={builder.name!r}, data_dir={builder.data_dir_root!s}"
    )


def _read(builder: Any, part: str) -> Split:
    """Puts the encoded images of a part where they can be read in any order."""
    import tensorflow_datasets as tfds

    only_these = tfds.decode.PartialDecoding(
        {"image": True, "label": True},
        decoders={"image": tfds.decode.SkipDecoding()},
    )
    dataset = builder.as_dataset(split=part, decoders=only_these)
    store = EncodedStore(f"{builder.name}/{part}")
    labels = []
    for example in tfds.as_numpy(dataset):
        store.append(_encoded(example["image"]))
        labels.append(example["label"])
    classes = builder.info.features["label"].num_classes
    return whole(store, check_labels(np.array(labels, "int64"), classes))


def _range_of(builder: Any, splits: Mapping[str, Split]) -> ValueRange | None:
    """Looks at all images of a set of more than 8 bits."""
    if np.dtype(builder.info.features["image"].np_dtype) == np.uint8:
        return None
    extents = [
        extent_of(store.encoded(index), store.name(index))
        for store in (split.store for split in splits.values())
        if isinstance(store, EncodedStore)
        for index in range(len(store))
    ]
    found = (extent for extent in extents if extent is not None)
    return choose_range(found, builder.name)


def _encoded(image: Any) -> bytes:
    if isinstance(image, bytes):
        return image
    pixels = np.asarray(image)
    if pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()
