"""Tasks whose images are arrays."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

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
) -> LabelledSplits:
    """Makes splits of arrays of images and labels.

    Args:
        parts: Images and labels by the name of the split; `"train"` at least.
        class_names: The classes in the order of their numbers. By default the
            numbers themselves, from 0 to the largest label of train.
        value_range: As of `ArrayStore`.

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
        class_names = _numbered_classes(parts["train"][1])
    splits: dict[str, Split] = {}
    for name, (images, labels) in parts.items():
        labels = check_labels(labels, len(class_names))
        splits[name] = whole(ArrayStore(images, value_range), labels)
    return LabelledSplits(tuple(map(str, class_names)), splits)


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
