"""RunState: how far a run is, as plain data that a checkpoint carries."""

import dataclasses
from typing import Any


@dataclasses.dataclass
class RunState:
    """How far a run is; shared by the callbacks of `train`.

    Args:
        epochs_done: Whole epochs that were trained.
        curves: One list a quantity with one value an epoch.
        best_epoch: The epoch (from 1) with the best validation, if any.
        best: Its values, by name.
        seconds: Time spent in the epochs that are done.
        problem: Why the run had to stop, if it had to.
        start: Scores on the validation split before the first epoch, of a run
            whose head was solved.
        sigma: By layer what `AutoSigma` has set.

    Examples:
        >>> RunState.from_dict(RunState(epochs_done=3).to_dict()).epochs_done
        3
    """

    epochs_done: int = 0
    curves: dict[str, list[Any]] = dataclasses.field(default_factory=dict)
    best_epoch: int | None = None
    best: dict[str, float] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    problem: str | None = None
    start: dict[str, float] = dataclasses.field(default_factory=dict)
    sigma: dict[str, float] = dataclasses.field(default_factory=dict)

    def has_waited(self, patience: int | None) -> bool:
        """Tells whether the best epoch is so many epochs ago.

        Args:
            patience: Epochs to wait for a better one; None: for ever.

        Examples:
            >>> RunState(epochs_done=9, best_epoch=4).has_waited(5)
            True
        """
        if patience is None or self.best_epoch is None:
            return False
        return self.epochs_done - self.best_epoch >= patience

    def to_dict(self) -> dict[str, Any]:
        """Returns what has to outlive the process; a problem does not."""
        fields = dataclasses.asdict(self)
        del fields["problem"]
        return fields

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "RunState":
        """Makes a state from what `to_dict` returned.

        Args:
            fields: Fields and their values.
        """
        return cls(**fields)
