"""Tasks whose images are arrays."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.core.checks import check_class_rows
from keras_snow.core.checks import check_labels
from keras_snow.data.array_store import ArrayStore
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.split import Split
from keras_snow.data.split import whole
from keras_snow.data.split_names import SPLITS
from keras_snow.data.value_range import ValueRange


def read_arrays(
    parts: Mapping[str, tuple[Any, Any]],
    class_names: Sequence[str] | None = None,
    value_range: ValueRange | None = None,
    *,
    multi_label: bool = False,
) -> LabelledSplits:
    """Makes splits of arrays of images and labels.

    Args:
        parts: Images and labels by the name of the split; `"train"` at least.
        class_names: The classes in the order of their numbers. By default the
            numbers themselves, from 0 to the largest label of train.
        value_range: As of `ArrayStore`.
        multi_label: Whether labels are rows with a 1 for each class of an
            image.

    Raises:
        TypeError: If images are no numbers.
        ValueError: If a name, a shape, a label or a pixel is wrong.

    Examples:
        >>> images = np.zeros((4, 8, 8, 3), "uint8")
        >>> found = read_arrays({"train": (images, [0, 1, 0, 1])})
        >>> found.class_names
        ('0', '1')
    """
    unknown = set(parts) - set(SPLITS)
    if unknown or "train" not in parts:
        raise ValueError(
            "Arrays come in the splits train, validation and test, of which "
            f"train is needed. Received: splits={sorted(parts)}"
        )
    if class_names is None:
        labels = parts["train"][1]
        class_names = (
            list(map(str, range(np.shape(labels)[-1])))
            if multi_label
            else _numbered_classes(labels)
        )
    splits: dict[str, Split] = {}
    for name, (images, labels) in parts.items():
        check = check_class_rows if multi_label else check_labels
        labels = check(labels, len(class_names))
        splits[name] = whole(ArrayStore(images, value_range), labels)
    return LabelledSplits(tuple(map(str, class_names)), splits)


def as_parts(images: Any, labels: Any) -> Mapping[str, tuple[Any, Any]]:
    """Returns images and labels by the name of the split.

    Args:
        images: Images; or such a dict itself.
        labels: Their labels; None beside a dict.

    Raises:
        ValueError: If labels are given twice.
    """
    if not isinstance(images, Mapping):
        return {"train": (images, labels)}
    if labels is not None:
        raise ValueError(
            "With a dict of splits the labels belong into the dict. "
            "Received: labels beside a dict"
        )
    return images


def _numbered_classes(labels: Any) -> list[str]:
    # Any finite label is in range of so many classes; the rest is checked.
    labels = check_labels(labels, np.iinfo("int32").max)
    count = int(labels.max()) + 1 if len(labels) else 0
    if count > len(labels):
        raise ValueError(
            "Labels must be class numbers from 0 on without large gaps. "
            f"Received: {len(labels)} labels up to {count - 1}"
        )
    return [str(number) for number in range(count)]
