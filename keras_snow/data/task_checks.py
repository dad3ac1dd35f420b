"""What every task must have, wherever it comes from."""

from collections.abc import Mapping
from collections.abc import Sequence

from keras_snow.core.checks import check_class_rows
from keras_snow.core.checks import check_labels
from keras_snow.data.split import Split


def check_task(
    name: str, class_names: Sequence[str], splits: Mapping[str, Split]
) -> None:
    """Looks for what would make training fail.

    Args:
        name: The task's name, for messages.
        class_names: The classes in the order of their numbers.
        splits: Examples by name.

    Raises:
        ValueError: If there are no training images, fewer than two classes,
            two classes of one name, or a label out of range.

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
    several = splits["train"].labels.ndim == 2
    check = check_class_rows if several else check_labels
    for split in splits.values():
        check(split.labels, len(class_names))


def check_every_class(
    name: str, class_names: Sequence[str], train: Split
) -> None:
    """Looks for classes without training images.

    Args:
        name: The task's name, for messages.
        class_names: The classes in the order of their numbers.
        train: The training images.

    Raises:
        ValueError: If a class has none.

    Examples:
        >>> import numpy as np
        >>> from keras_snow.data.array_store import ArrayStore
        >>> store = ArrayStore(np.zeros((1, 8, 8, 3), "uint8"))
        >>> train = Split(store, np.arange(1), np.array([0]))
        >>> check_every_class("pets", ("cat", "dog"), train)
        Traceback (most recent call last):
        ...
        ValueError: Each class must have training images. ...
    """
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


def check_one_class_each(multi_label: bool, what: str) -> None:
    """Looks whether each image has one class, where that is needed.

    Args:
        multi_label: Of the task.
        what: What needs it, in words.

    Raises:
        ValueError: If not.

    Examples:
        >>> check_one_class_each(False, "A matrix of confusion")
    """
    if multi_label:
        raise ValueError(
            f"{what} needs one class an image. Make a task of one column of "
            "labels (`--label-column`). Received: multi_label=True"
        )


def check_classes(given: Sequence[str], learned: Sequence[str]) -> None:
    """Looks whether a task has the classes that a run has learned.

    Args:
        given: The classes of the task.
        learned: Those of the run.

    Raises:
        ValueError: If not.
    """
    if tuple(given) == tuple(learned):
        return
    others = sorted(set(given) ^ set(learned)) or ["another order"]
    raise ValueError(
        "The task has other classes than the run has learned. Choose them as "
        "for the run, with `classes` or `half`. Received: "
        f"{len(given)} classes, learned {len(learned)}; the first that differs "
        f"is {others[0]!r}"
    )
