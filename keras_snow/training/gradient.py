"""The gradient of a function, on the backend in use."""

from collections.abc import Callable
from typing import Any

import keras


def gradient_of(function: Callable[[Any], Any], value: Any) -> Any:
    """Returns the gradient of a number with respect to what it depends on.

    Args:
        function: Gives a scalar tensor.
        value: A tensor, or a dict of tensors; what `function` is called with.

    Returns:
        The gradient, of the structure of `value`. Where the number does not
        depend on a tensor it is 0.

    Raises:
        ValueError: If the backend is neither TensorFlow nor JAX.

    Examples:
        >>> float(gradient_of(lambda x: x**2, ops.convert_to_tensor(3.0)))
        6.0
    """
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return jax.grad(function)(value)
    if backend == "tensorflow":
        import tensorflow as tf

        # Eager mode takes the gradient of every kernel, too; a graph leaves
        # out what nobody asks for.
        @tf.function(autograph=False)
        def gradient(value):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(value)
                result = function(value)
            return tape.gradient(result, value, unconnected_gradients="zero")

        return gradient(value)
    raise ValueError(
        "Gradients are taken on the TensorFlow and the JAX backend. Set "
        f"KERAS_BACKEND. Received: backend={backend!r}"
    )
