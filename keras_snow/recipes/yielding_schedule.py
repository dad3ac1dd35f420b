"""YieldingSchedule: a schedule that gives way to the user's learning rate."""

import math
from typing import Any

import keras
from keras import ops

from keras_snow.core.warn_user import warn_user
from keras_snow.recipes.schedule import Schedule

_SETTERS = (
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ReduceLROnPlateau,
)


class YieldingSchedule(Schedule):
    """A schedule that gives way to whoever else sets the learning rate.

    That is a callback such as `ReduceLROnPlateau`, or any other whose rate is
    found in the optimizer. The rate is the other's from then on; noise and
    seeds are scheduled as before. It belongs before the user's callbacks.

    Args:
        *args: Of `Schedule`.
        others: The user's callbacks.
        **kwargs: Of `Schedule`.

    Examples:
        >>> from keras_snow.recipes import SMALL
        >>> plateau = keras.callbacks.ReduceLROnPlateau()
        >>> YieldingSchedule(SMALL, others=[plateau]).yields_to
        'ReduceLROnPlateau'
    """

    def __init__(self, *args: Any, others: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        setters = [type(x).__name__ for x in others if isinstance(x, _SETTERS)]
        self.yields_to = setters[0] if setters else None
        self._looks = True

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """As of `Schedule`; one that gives way begins with the peak."""
        super().on_train_begin(logs)
        if self.yields_to is not None:
            self.model.optimizer.learning_rate = self.recipe.peak_learning_rate
            _warn(self.yields_to)
        self.rate = current_rate(self.model)

    def on_epoch_begin(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """As of `Schedule`."""
        self._looks = True
        super().on_epoch_begin(epoch, logs)
        if self.steps_per_epoch:
            self._look()

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """As of `Schedule`."""
        # Each look waits for the device: two an epoch see what others set at
        # its begin and after a step. JAX has waited already.
        self._looks = batch < 2 or self._jax
        super().on_train_batch_begin(batch, logs)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Notes the rate that is left, whoever has set it."""
        self.rate = current_rate(self.model)

    def _set_learning_rate(self, epoch: float) -> None:
        if self._looks:
            self._look()
        if self.yields_to is None:
            super()._set_learning_rate(epoch)

    def _look(self) -> None:
        if self.yields_to is not None or self.rate is None:
            return
        if differs(current_rate(self.model), self.rate):
            self.yields_to = "another callback"
            _warn(self.yields_to)


def current_rate(model: keras.Model) -> float:
    """Returns the learning rate that a model's optimizer has now.

    Args:
        model: A compiled model.
    """
    rate = ops.convert_to_tensor(model.optimizer.learning_rate)
    return float(ops.convert_to_numpy(rate))


def differs(rate: float, other: float) -> bool:
    """Tells whether two rates are more than a rounding apart.

    Args:
        rate: A learning rate.
        other: Another one.
    """
    return not math.isclose(rate, other, rel_tol=1e-5)


def _warn(other: str) -> None:
    warn_user(
        f"The learning rate is set by {other}, so the recipe's schedule of it "
        "is off. Its noise is scheduled as before."
    )
