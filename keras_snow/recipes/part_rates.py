"""Optimizers some of whose variables learn at a rate of their own."""

from collections.abc import Sequence
from typing import Any

from keras import ops


class PartRates:
    """What our optimizers have in common: a factor of each variable's rate.

    Set `factors` before the first step; without them all learn alike.
    """

    factors: Sequence[float] = ()
    """Of the learning rate, one for each variable that is trained."""

    def rate_of(self, variable: Any, learning_rate: Any) -> Any:
        """Returns the learning rate of a variable.

        Args:
            variable: One that the optimizer was built for.
            learning_rate: That of all.
        """
        if not self.factors:
            return learning_rate
        index = self._get_variable_index(variable)  # type: ignore[attr-defined]
        return learning_rate * ops.cast(self.factors[index], "float32")
