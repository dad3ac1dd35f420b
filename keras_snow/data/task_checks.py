"""What every task must have, wherever it comes from."""

from collections.abc import Mapping
from collections.abc import Sequence

from keras_snow.core.checks import check_labels
from keras_snow.data.split import Split


def check_task(
    name: str, class_names: Sequence[str], splits: Mapping[str, Split]
) -> None:
    """Looks for what would make training fail or mean nothing.

    Args:
        name: The task's name, for messages.
        class_names: The classes in the order of their numbers.
        splits: Examples by name.

    Raises:
        ValueError: If there are no training images, fewer than two classes,
            two classes of one name, a class without training images, or a
            label out of range.

    Examples:
        >>> check_task("pets", ("cat", "dog"), {})
        Traceback (most recent call last):
        ...
        ValueError: The data set is empty: it has no training images. ...
    """
    if not len(splits.get("train", ())):
        raise ValueError(
            "The data set is empty: it has no training images. "
            f"Received: task={name!r}"
        )
    if len(class_names) < 2:
        raise ValueError(
            "There must be at least two classes to tell apart. "
            f"Received: task={name!r}, class_names={list(class_names)}"
        )
    if len(set(class_names)) < len(class_names):
        raise ValueError(
            "Each class needs a name of its own. "
            f"Received: task={name!r}, class_names={list(class_names)}"
        )
    for split in splits.values():
        check_labels(split.labels, len(class_names))
    _check_every_class(name, class_names, splits["train"])


def _check_every_class(
    name: str, class_names: Sequence[str], train: Split
) -> None:
    empty = [
        class_names[label]
        for label, count in enumerate(train.counts(len(class_names)))
        if not count
    ]
    if empty:
        raise ValueError(
            "Each class must have training images. Add some or remove the "
            f"class. Received: task={name!r}, empty classes={empty[:5]}"
            f"{' and others' if len(empty) > 5 else ''}"
        )
