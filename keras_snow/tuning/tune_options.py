"""TuneOptions: how a search goes about it."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative
from keras_snow.tuning.oracles import ORACLES
from keras_snow.tuning.setting import Setting

MAX_TRIALS = {"random": 20, "bayesian": 20}
# The next proposal of a Gaussian process should know the last result.
SIDE_BY_SIDE = {"random": 8, "hyperband": 8, "grid": 8, "bayesian": 1}


@dataclasses.dataclass(frozen=True)
class TuneOptions:
    """How a search goes about it.

    Args:
        tuner: `"random"`, `"hyperband"`, `"bayesian"` or `"grid"`.
        max_trials: Trials at most. None: 20, or all that Hyperband or the
            grid have.
        side_by_side: Trials that share a pass of the source. None: 8, and one
            for `"bayesian"`, which learns from each trial.
        fixed: Settings of all trials, as of `sweep`.
        seed: Seed of what is proposed.
        patience: Seconds after which a chief counts a silent worker as lost.

    Raises:
        TypeError: If a number is none.
        ValueError: If the tuner or a setting is unknown, a number out of
            range, or Hyperband's epochs are fixed.

    Examples:
        >>> TuneOptions("bayesian").trials_at_once
        1
    """

    tuner: str = "random"
    max_trials: int | None = None
    side_by_side: int | None = None
    fixed: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    seed: int = 0
    patience: float = 60.0

    def __post_init__(self) -> None:
        check_choice("tuner", self.tuner, ORACLES)
        for name in ("max_trials", "side_by_side"):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name))
        check_count("seed", self.seed, minimum=0)
        check_not_negative("patience", self.patience)
        Setting.of(self.fixed)
        if self.tuner == "hyperband" and "epochs" in self.fixed:
            raise ValueError(
                "Hyperband says itself how long a trial is. Give the most "
                "epochs with the recipe. "
                f"Received: fixed=epochs={self.fixed['epochs']!r}"
            )

    @property
    def most_trials(self) -> int | None:
        """Trials at most, None for all."""
        return self.max_trials or MAX_TRIALS.get(self.tuner)

    @property
    def trials_at_once(self) -> int:
        """Trials that share a pass of the source, at most."""
        return self.side_by_side or SIDE_BY_SIDE[self.tuner]
