"""Adam with a decoupled decay that spares biases, scales and importances."""

from typing import Any

import keras
from keras import ops

from keras_snow.core.checks import check_not_negative
from keras_snow.core.serialization import serializable
from keras_snow.recipes.part_rates import PartRates
from keras_snow.recipes.weight_decay import decay_flags


@serializable
class SelectiveAdam(PartRates, keras.optimizers.Adam):
    """AdamW that keeps what it does not decay through saving and loading.

    `keras.optimizers.AdamW` forgets `exclude_from_weight_decay` when a model is
    saved; here the rule is part of the class.

    Args:
        learning_rate: Learning rate.
        decoupled_decay: A step shrinks a decayed variable by this times the
            learning rate.
        **kwargs: Of `keras.optimizers.Adam`.

    Examples:
        >>> SelectiveAdam(1e-3, decoupled_decay=0.05).decoupled_decay
        0.05
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        decoupled_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.decoupled_decay = check_not_negative(
            "decoupled_decay", decoupled_decay
        )

    def build(self, variables):
        """Makes the moments.

        Args:
            variables: The variables that will be trained.
        """
        if self.built:
            return
        super().build(variables)
        self._decay_flags = decay_flags(variables)

    def update_step(self, gradient, variable, learning_rate):
        """Shrinks the variable and takes the step of Adam."""
        learning_rate = self.rate_of(variable, learning_rate)
        if (
            self.decoupled_decay
            and (self._decay_flags[self._get_variable_index(variable)])
        ):
            factor = ops.cast(
                ops.multiply(learning_rate, self.decoupled_decay),
                variable.dtype,
            )
            self.assign_sub(variable, ops.multiply(variable, factor))
        super().update_step(gradient, variable, learning_rate)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        config = super().get_config()
        config["decoupled_decay"] = self.decoupled_decay
        return config
