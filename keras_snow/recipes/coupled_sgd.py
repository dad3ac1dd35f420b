"""SGD with the coupled L2 decay of the paper."""

from typing import Any

import keras
from keras import ops

from keras_snow.core.checks import check_not_negative
from keras_snow.core.serialization import serializable
from keras_snow.recipes.part_rates import PartRates
from keras_snow.recipes.weight_decay import decay_flags


@serializable
class CoupledSGD(PartRates, keras.optimizers.SGD):
    """SGD whose weight decay is part of the gradient.

    Keras' own `weight_decay` is decoupled (and at a learning rate of 1.0 with
    momentum 0.9 about ten times weaker); the paper's is the L2 penalty of
    PyTorch's SGD: `gradient + coupled_decay * variable` before the momentum.
    Biases, the scales of normalisations and importances are left alone.

    Args:
        learning_rate: Learning rate.
        momentum: Momentum.
        coupled_decay: Factor of the variable in its own gradient.
        **kwargs: Of `keras.optimizers.SGD`.

    Examples:
        >>> CoupledSGD(1.0, momentum=0.9, coupled_decay=1e-4).coupled_decay
        0.0001
    """

    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        coupled_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate, momentum=momentum, **kwargs
        )
        self.coupled_decay = check_not_negative("coupled_decay", coupled_decay)

    def build(self, variables):
        """Makes the momenta.

        Args:
            variables: The variables that will be trained.
        """
        if self.built:
            return
        super().build(variables)
        self._decay_flags = decay_flags(variables)

    def update_step(self, gradient, variable, learning_rate):
        """Adds the decay to the gradient and takes the step of SGD."""
        learning_rate = self.rate_of(variable, learning_rate)
        if self._decay_flags[self._get_variable_index(variable)]:
            gradient = ops.cast(gradient, variable.dtype)
            if self.coupled_decay:
                decay = ops.cast(self.coupled_decay, variable.dtype)
                gradient = ops.add(gradient, ops.multiply(variable, decay))
            gradient = self.adapt(gradient, variable)
        super().update_step(gradient, variable, learning_rate)

    def adapt(self, gradient: Any, variable: Any) -> Any:
        """Returns what a step is made of, here the gradient itself.

        Args:
            gradient: Of a variable that is decayed, with its decay.
            variable: The variable.
        """
        del variable
        return gradient

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        config = super().get_config()
        config["coupled_decay"] = self.coupled_decay
        return config
