"""Which variables a recipe's weight decay leaves alone."""

from collections.abc import Sequence

import keras

EXCLUDED = ("importance", "gamma", "beta", "bias")


def decays(variable: keras.Variable) -> bool:
    """Tells whether weight decay acts on `variable`.

    Biases, the scales of normalisations and the importances of a channel
    pooling are left alone: pulled to 0, an importance would say which map is
    kept by how often it was kept.

    Args:
        variable: A trainable variable.
    """
    name = variable.path.rsplit("/", 1)[-1]
    return not any(word in name for word in EXCLUDED)


def decay_flags(variables: Sequence[keras.Variable]) -> list[bool]:
    """Returns `decays` of each variable, in their order.

    An optimizer's `update_step` sees the backend's variables, which have lost
    their path, so the answers are kept by index.

    Args:
        variables: The variables that an optimizer is built for.
    """
    return [decays(variable) for variable in variables]
