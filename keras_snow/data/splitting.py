"""Seeded, stratified splits and balanced subsets."""

import dataclasses
import hashlib
import math
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative
from keras_snow.data.split import Split

if TYPE_CHECKING:
    from keras_snow.data.task import Task

# Keeps the draws for different purposes apart when they share a seed.
_PURPOSES = {"test": 1, "validation": 2, "subset": 3}


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """How validation and test are split off train, where they are absent.

    Args:
        validation: Fraction of train (after test was split off) to take for
            validation. 0 makes no such split.
        test: Fraction of train to take for test. 0 makes no such split.
        seed: What the draw depends on.
        shared_by: Columns of labels that are tasks on the same images, of which
            each class keeps its share. None if there is one task.

    Raises:
        ValueError: If a fraction is not in `[0, 1)`, or the seed negative.

    Examples:
        >>> HeldOut(test=0.5).changed(seed=3, validation=None)
        HeldOut(validation=0.1, test=0.5, seed=3, shared_by=())
    """

    validation: float = 0.1
    test: float = 0.2
    seed: int = 0
    shared_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_fraction("validation", self.validation)
        check_fraction("test", self.test)
        check_count("seed", self.seed, minimum=0)
        object.__setattr__(self, "shared_by", tuple(self.shared_by))

    @classmethod
    def of_run(cls, settings: Mapping[str, Any]) -> "HeldOut":
        """Returns how the images of a run were split, if it says.

        Args:
            settings: What `load_run` returns beside the model.
        """
        return cls(**(settings.get("held_out") or {}))

    def changed(self, **given: float | None) -> "HeldOut":
        """Returns a copy with what was given in its place.

        Args:
            **given: Fields; None leaves one as it is.
        """
        said = {name: x for name, x in given.items() if x is not None}
        return HeldOut(**{**self.to_dict(), **said})

    def to_dict(self) -> dict[str, Any]:
        """Returns the fields as plain data."""
        fields = dataclasses.asdict(self)
        shared = list(fields.pop("shared_by"))
        # Older runs know nothing of it.
        return {**fields, "shared_by": shared} if shared else fields


def complete_splits(
    splits: Mapping[str, Split], held_out: HeldOut
) -> dict[str, Split]:
    """Splits off train what is absent of validation and test.

    Args:
        splits: At least `"train"`.
        held_out: How.

    Returns:
        `"train"`, `"validation"`, `"test"` as far as they have examples.

    Examples:
        >>> from keras_snow.data.array_store import ArrayStore
        >>> store = ArrayStore(np.zeros((20, 8, 8, 3), "uint8"))
        >>> split = Split(store, np.arange(20), np.repeat([0, 1], 10))
        >>> splits = complete_splits({"train": split}, HeldOut(0.2, 0.5))
        >>> {name: len(part) for name, part in splits.items()}
        {'train': 8, 'validation': 2, 'test': 10}
    """
    train, held = splits["train"], dict(splits)
    for name in ("test", "validation"):
        fraction = getattr(held_out, name)
        if name not in held and fraction > 0:
            train, held[name] = hold_out(train, fraction, held_out.seed, name)
    held["train"] = train
    order = ("train", "validation", "test")
    return {name: held[name] for name in order if len(held.get(name, ()))}


def without_test(task: "Task") -> "Task":
    """Returns a task that has no test split, for choosing settings.

    Args:
        task: The task.
    """
    splits = {name: x for name, x in task.splits.items() if name != "test"}
    return task.with_splits(splits)


def digest_of(class_names: Sequence[str], splits: Mapping[str, Split]) -> str:
    """Returns a digest of classes, labels and the names of the images.

    Args:
        class_names: The classes in the order of their numbers.
        splits: Examples by name.
    """
    digest = hashlib.blake2b(digest_size=16)
    for name, split in splits.items():
        digest.update(repr((name, class_names)).encode())
        digest.update(split.labels.astype("<i4").tobytes())
        for index in range(len(split)):
            identity = split.identity(index)
            digest.update(identity.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def check_fraction(name: str, value: float) -> float:
    """Returns `value` if it is a fraction below 1.

    Args:
        name: The argument's name, for the message.
        value: What was given.

    Raises:
        ValueError: If it is not in `[0, 1)`.

    Examples:
        >>> check_fraction("test", 0.2)
        0.2
    """
    value = check_not_negative(name, value)
    if value >= 1:
        raise ValueError(
            f"`{name}` is the fraction of the images to hold out: at least 0 "
            f"and below 1. Received: {name}={value}"
        )
    return value


def hold_out(
    split: Split, fraction: float, seed: int, purpose: str
) -> tuple[Split, Split]:
    """Splits examples in two, with the same share of each class.

    A class with two images or more gives at least one and keeps at least one;
    a single image stays. Where images have several classes the rarest is
    shared out first.

    Args:
        split: What to split.
        fraction: The share to hold out.
        seed: What the draw depends on.
        purpose: `"test"`, `"validation"` or `"subset"`: each draws anew.

    Returns:
        The kept and the held out examples, in their old order.

    Examples:
        >>> from keras_snow.data.array_store import ArrayStore
        >>> store = ArrayStore(np.zeros((4, 8, 8, 3), "uint8"))
        >>> split = Split(store, np.arange(4), np.array([0, 0, 1, 1]))
        >>> kept, held = hold_out(split, 0.5, 0, "test")
        >>> held.labels.tolist()
        [0, 1]
    """
    if split.labels.ndim == 2:
        held = _held_rows(split.labels, fraction, seed, purpose)
        return split.take(np.flatnonzero(~held)), split.take(
            np.flatnonzero(held)
        )
    held = np.zeros(len(split), bool)
    for label in np.unique(split.labels):
        members = _shuffled_members(split.labels, int(label), seed, purpose)
        count = max(1, math.floor(len(members) * fraction + 0.5))
        held[members[: min(count, len(members) - 1)]] = True
    return split.take(np.flatnonzero(~held)), split.take(np.flatnonzero(held))


def balanced_subset(
    split: Split, per_class: int, num_classes: int, seed: int
) -> Split:
    """Draws the same number of examples of each class.

    With one seed, the subset of a smaller number lies within that of a larger.

    Args:
        split: What to draw from.
        per_class: Examples of each class.
        num_classes: How many classes there are.
        seed: What the draw depends on.

    Raises:
        ValueError: If a class has fewer examples.

    Examples:
        >>> from keras_snow.data.array_store import ArrayStore
        >>> store = ArrayStore(np.zeros((4, 8, 8, 3), "uint8"))
        >>> split = Split(store, np.arange(4), np.array([0, 0, 0, 1]))
        >>> balanced_subset(split, 1, 2, seed=0).labels.tolist()
        [0, 1]
    """
    _refuse_several(split, "as many images of each class")
    per_class = check_count("per_class", per_class)
    seed = check_count("seed", seed, minimum=0)
    counts = split.counts(num_classes)
    if counts.min() < per_class:
        raise ValueError(
            "Each class must have as many training images as the subset is to "
            f"have. Class {int(counts.argmin())} has {int(counts.min())}. "
            f"Received: per_class={per_class}"
        )
    chosen = [
        _shuffled_members(split.labels, label, seed, "subset")[:per_class]
        for label in range(num_classes)
    ]
    return split.take(np.sort(np.concatenate(chosen)))


def stratified_subset(
    split: Split, count: int, seed: int
) -> tuple[Split, Split]:
    """Draws so many examples in all, with the same share of each class.

    The shares are rounded by largest remainder, so that the number is exact.

    Args:
        split: What to draw from.
        count: Examples to draw.
        seed: What the draw depends on.

    Returns:
        The drawn and the other examples, in their old order.

    Raises:
        ValueError: If there are not more examples than are to be drawn.

    Examples:
        >>> from keras_snow.data.array_store import ArrayStore
        >>> store = ArrayStore(np.zeros((6, 8, 8, 3), "uint8"))
        >>> labels = np.array([0, 0, 0, 0, 1, 1])
        >>> drawn, rest = stratified_subset(
        ...     Split(store, np.arange(6), labels), 3, seed=0)
        >>> drawn.labels.tolist(), rest.labels.tolist()
        ([0, 0, 1], [0, 0, 1])
    """
    _refuse_several(split, "the same share of each class")
    count = check_count("count", count)
    seed = check_count("seed", seed, minimum=0)
    if count >= len(split):
        raise ValueError(
            "A subset must leave some of the examples. "
            f"Received: count={count} of {len(split)} examples"
        )
    classes, sizes = np.unique(split.labels, return_counts=True)
    shares = count * sizes / len(split)
    wanted = np.floor(shares).astype(int)
    largest = np.argsort(wanted - shares, kind="stable")
    wanted[largest[: count - wanted.sum()]] += 1
    drawn = np.zeros(len(split), bool)
    for label, number in zip(classes, wanted, strict=True):
        members = _shuffled_members(split.labels, int(label), seed, "subset")
        drawn[members[:number]] = True
    return split.take(np.flatnonzero(drawn)), split.take(np.flatnonzero(~drawn))


def _shuffled_members(
    labels: np.ndarray, label: int, seed: int, purpose: str
) -> np.ndarray:
    generator = np.random.default_rng((seed, _PURPOSES[purpose], label))
    return generator.permutation(np.flatnonzero(labels == label))


def _held_rows(
    rows: np.ndarray, fraction: float, seed: int, purpose: str
) -> np.ndarray:
    """Which of the examples with several classes are held out.

    After Sechidis et al., 2011: the class with the fewest images left is shared
    out first, since its images can't be chosen later. Those without a class
    come last.
    """
    rows = np.column_stack([rows, ~rows.any(axis=1)]).astype(bool)
    totals = rows.sum(axis=0)
    held = np.zeros(len(rows), bool)
    left = np.ones(len(rows), bool)
    classes = [x for x in range(rows.shape[1]) if totals[x]]
    while classes:
        label = min(classes, key=lambda x: (rows[left, x].sum(), x))
        classes.remove(label)
        generator = np.random.default_rng((seed, _PURPOSES[purpose], label))
        members = generator.permutation(np.flatnonzero(rows[:, label] & left))
        wanted = max(1, math.floor(totals[label] * fraction + 0.5))
        wanted -= int(held[rows[:, label]].sum())
        most = len(members)
        if not (rows[:, label] & ~left & ~held).any():
            most -= 1  # At least one is kept.
        held[members[: max(0, min(wanted, most))]] = True
        left[members] = False
    return held


def _refuse_several(split: Split, what: str) -> None:
    if split.labels.ndim == 2:
        raise ValueError(
            f"Images with several classes can't be drawn so that there are "
            f"{what}. Use all of them. "
            f"Received: labels.shape={split.labels.shape}"
        )
