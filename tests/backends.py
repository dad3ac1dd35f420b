"""The same question to each backend: compiled calls and gradients."""

import keras
import numpy as np
import pytest
from keras import ops

BACKEND = keras.backend.backend()

only_tensorflow = pytest.mark.skipif(
    BACKEND != "tensorflow", reason="asks TensorFlow's own objects"
)
only_jax = pytest.mark.skipif(BACKEND != "jax", reason="asks JAX's own objects")


def call_compiled(layer, *inputs, **arguments):
    """Calls a built layer through XLA; its state is updated."""
    inputs = [ops.convert_to_tensor(value) for value in inputs]
    if BACKEND == "tensorflow":
        import tensorflow as tf

        function = tf.function(
            lambda *tensors: layer(*tensors, **arguments), jit_compile=True
        )
        return function(*inputs)
    import jax

    function = jax.jit(
        lambda trained, others, *tensors: layer.stateless_call(
            trained, others, *tensors, **arguments
        )
    )
    outputs, others = function(
        [variable.value for variable in layer.trainable_variables],
        [variable.value for variable in layer.non_trainable_variables],
        *inputs,
    )
    for variable, value in zip(
        layer.non_trainable_variables, others, strict=True
    ):
        variable.assign(value)
    return outputs


def gradients_of(layer, loss_of, *inputs, **arguments):
    """Returns the gradient of each trainable variable, by path."""
    inputs = [ops.convert_to_tensor(value) for value in inputs]
    variables = layer.trainable_variables
    if BACKEND == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = loss_of(layer(*inputs, **arguments))
        found = tape.gradient(loss, [v.value for v in variables])
    else:
        import jax

        others = [v.value for v in layer.non_trainable_variables]

        def loss(trained):
            outputs, _ = layer.stateless_call(
                trained, others, *inputs, **arguments
            )
            return loss_of(outputs)

        found = jax.grad(loss)([v.value for v in variables])
    return {
        variable.path: np.array(ops.convert_to_numpy(gradient))
        for variable, gradient in zip(variables, found, strict=True)
    }
