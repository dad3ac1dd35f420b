"""ClassSplit: which classes rules are made by, and which are scored."""

import dataclasses
from collections.abc import Collection
from collections.abc import Sequence

import numpy as np

from keras_snow.core.checks import check_choice
from keras_snow.data.class_choice import halves_of

SCORED = ("novel", "validation")


@dataclasses.dataclass(frozen=True)
class ClassSplit:
    """Classes of a study; none is in both.

    Args:
        base: What a rule is made by.
        scored: What episodes are made of.

    Raises:
        ValueError: If a class is in both, or one of them is empty.

    Examples:
        >>> ClassSplit.draw(["ant", "bee", "cat", "dog"], seed=0)
        ClassSplit(base=('ant', 'cat'), scored=('bee', 'dog'))
    """

    base: tuple[str, ...]
    scored: tuple[str, ...]

    def __post_init__(self) -> None:
        shared = sorted({*self.base} & {*self.scored})
        if shared:
            raise ValueError(
                "A class that is scored can't be one that the rule was made "
                f"by. Received: class={shared[0]!r}"
            )
        if not self.base or not self.scored:
            raise ValueError(
                "There must be classes to make a rule by, and others to score. "
                f"Received: {len(self.base)} and {len(self.scored)} classes"
            )

    @classmethod
    def draw(
        cls, names: Sequence[str], seed: int, on: str = "novel"
    ) -> "ClassSplit":
        """Draws one: the halves of `Task.halves`, of which B is novel.

        Args:
            names: The classes.
            seed: Which classes.
            on: `"novel"`: half B is scored. `"validation"`: a third of half A
                is, and B is not looked at, so that a rule can be chosen.

        Raises:
            ValueError: If there are too few classes, or as of `check_on`.
        """
        base, novel = halves_of(names, seed)
        if check_on(on) == "novel":
            return cls(tuple(base), tuple(novel))
        order = np.random.default_rng((seed, 1)).permutation(len(base))
        held = {base[index] for index in order[: len(base) // 3]}
        return cls(
            tuple(name for name in base if name not in held),
            tuple(name for name in base if name in held),
        )

    @classmethod
    def of_run(
        cls, names: Sequence[str], learned: Collection[str], on: str = "novel"
    ) -> "ClassSplit":
        """Returns the one whose base classes a run has learned.

        Args:
            names: The classes.
            learned: Those of the run.
            on: `"novel"`, the others.

        Raises:
            ValueError: If the run has learned none of them, or all.
        """
        if check_on(on) != "novel":
            raise ValueError(
                "All classes that a run has learned make the rule, and none is "
                "left to choose it by. Use a folder with `base/`, "
                f"`validation/` and `novel/`. Received: on={on!r}"
            )
        return cls(
            tuple(name for name in names if name in learned),
            tuple(name for name in names if name not in learned),
        )


def check_on(on: str) -> str:
    """Returns what is scored if it can be.

    Args:
        on: `"novel"` or `"validation"`.

    Raises:
        ValueError: If it is something else.
    """
    return str(check_choice("on", on, SCORED))
