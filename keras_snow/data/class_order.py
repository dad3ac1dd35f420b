"""Labels in words become numbers, and rows of several classes."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence

import numpy as np

ClassName = str | tuple[str, ...]


def order_classes(labels: Iterable[ClassName]) -> list[str]:
    """Returns the distinct classes: numbers by value, names by alphabet.

    Args:
        labels: A class each, or a tuple of classes each.

    Raises:
        ValueError: If they are numbers, and one is negative.

    Examples:
        >>> order_classes(["10", "9", "10"])
        ['9', '10']
        >>> order_classes([("rust", "scab"), (), ("scab",)])
        ['rust', 'scab']
    """
    distinct: Collection[str | tuple[str, ...]] = set(labels)
    names = {
        name
        for label in distinct
        for name in ((label,) if isinstance(label, str) else label)
    }
    if not all(name.lstrip("-").isdecimal() for name in names):
        return sorted(names)
    negative = sorted(name for name in names if int(name) < 0)
    if negative:
        raise ValueError(
            "Labels that are numbers must not be negative. "
            f"Received: label={negative[0]}"
        )
    return sorted(names, key=lambda name: (int(name), name))


def number_labels(
    labels: Sequence[ClassName], class_names: Sequence[str]
) -> np.ndarray:
    """Returns class numbers, or a row of zeros and ones for each example.

    Args:
        labels: A class each, or a tuple of classes each.
        class_names: The classes in the order of their numbers.

    Returns:
        int32, `(examples,)` or `(examples, classes)`.

    Examples:
        >>> number_labels(["dog", "cat"], ["cat", "dog"])
        array([1, 0], dtype=int32)
        >>> number_labels([("dog", "cat"), ()], ["cat", "dog"]).tolist()
        [[1, 1], [0, 0]]
    """
    numbers = {name: number for number, name in enumerate(class_names)}
    if not labels or isinstance(labels[0], str):
        return np.array([numbers[x] for x in labels], "int32")  # type: ignore[index]
    rows = np.zeros((len(labels), len(class_names)), "int32")
    for row, names in zip(rows, labels, strict=True):
        row[[numbers[name] for name in names]] = 1
    return rows
