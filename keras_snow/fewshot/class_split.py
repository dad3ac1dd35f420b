"""ClassSplit: which classes rules are made by, and which are scored."""

import dataclasses
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from keras_snow.data.class_choice import halves_of
from keras_snow.data.task import Task

NOVEL, VALIDATION = SCORED = ("novel", "validation")


@dataclasses.dataclass(frozen=True)
class ClassSplit:
    """Classes of a study; none is in both.

    Args:
        base: What a rule is made by.
        scored: What episodes are made of.

    Raises:
        ValueError: If a class is in both, or one of them is empty.

    Examples:
        >>> ClassSplit(("ant", "bee"), ("cat", "dog")).scored
        ('cat', 'dog')
    """

    base: tuple[str, ...]
    scored: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.base or not self.scored or {*self.base} & {*self.scored}:
            raise ValueError(
                "There must be classes to make a rule by, and others to score. "
                f"Received: base={self.base[:3]}, scored={self.scored[:3]}, in "
                f"both: {sorted({*self.base} & {*self.scored})[:3]}"
            )


def draw_classes(names: Sequence[str], seed: int, on: str) -> ClassSplit:
    """Draws the halves of `Task.halves`, of which B is novel.

    Args:
        names: The classes.
        seed: Which classes.
        on: `"novel"`: half B is scored. `"validation"`: a third of half A is,
            and B is not looked at, so that a rule can be chosen.

    Raises:
        ValueError: If there are too few classes.

    Examples:
        >>> draw_classes(["ant", "bee", "cat", "dog"], 0, "novel")
        ClassSplit(base=('ant', 'cat'), scored=('bee', 'dog'))
    """
    base, scored = halves_of(names, seed)
    if on == VALIDATION:
        drawn = np.random.default_rng((seed, 1)).permutation(base)
        scored = [x for x in base if x in drawn[: len(base) // 3]]
        base = [x for x in base if x not in scored]
    return ClassSplit(tuple(base), tuple(scored))


def find_class_splits(
    data: Task | Mapping[str, Task],
    on: str,
    seeds: Sequence[int],
    learned: Sequence[Collection[str]] = (),
) -> list[ClassSplit]:
    """Returns the class splits of a study.

    Args:
        data: A task, or sets of classes by name.
        on: What is scored.
        seeds: Of draws, where neither data nor runs say which classes are base.
        learned: The classes of runs. They are base, and the task's others
            novel; each run makes a split.

    Raises:
        ValueError: If there are no classes to score, or a run has learned some
            of them.
    """
    if not isinstance(data, Task):
        if on not in data:
            raise ValueError(
                f"There are no such classes. Received: on={on!r}, found "
                f"{list(data)}"
            )
        scored = data[on].class_names
        for names in learned:
            ClassSplit(tuple(names), scored)  # Looks for classes in both.
        split = ClassSplit(data["base"].class_names, scored)
        return [split] * max(1, len(learned))
    if not learned:
        return [draw_classes(data.class_names, seed, on) for seed in seeds]
    if on == VALIDATION:
        raise ValueError(
            "All classes that a run has learned make the rule, and none is "
            "left to choose it by. Use a folder with `base/`, `validation/` "
            f"and `novel/`. Received: on={on!r}"
        )
    return [
        ClassSplit(
            tuple(x for x in data.class_names if x in names),
            tuple(x for x in data.class_names if x not in names),
        )
        for names in learned
    ]
