"""LARS: steps in proportion to what they change."""

from typing import Any

from keras import ops

from keras_snow.core.serialization import serializable
from keras_snow.recipes.coupled_sgd import CoupledSGD

TRUST = 1e-3  # The paper's, and BYOL's.


@serializable
class LARS(CoupledSGD):
    """SGD whose step of a layer is in proportion to the layer's own norm.

    What weight decay leaves alone (biases, scales of normalisations) takes
    plain steps.

    Reference:
        [You et al., 2017](https://arxiv.org/abs/1708.03888)

    Args:
        learning_rate: Learning rate.
        momentum: Momentum.
        coupled_decay: Factor of the variable in its own gradient.
        **kwargs: Of `keras.optimizers.SGD`.

    Examples:
        >>> LARS(0.2, momentum=0.9, coupled_decay=1.5e-6).coupled_decay
        1.5e-06
    """

    def adapt(self, gradient: Any, variable: Any) -> Any:
        """Scales a gradient, its decay included, to the variable's norm.

        Args:
            gradient: Of a variable that is decayed.
            variable: The variable.
        """
        own = ops.sqrt(ops.sum(ops.square(variable)))
        length = ops.sqrt(ops.sum(ops.square(gradient)))
        both = ops.logical_and(own > 0, length > 0)
        ratio = TRUST * own / ops.where(both, length, ops.ones_like(length))
        return gradient * ops.where(both, ratio, ops.ones_like(ratio))
