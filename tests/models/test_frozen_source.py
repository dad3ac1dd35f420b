"""No backward convolution runs inside the source: graphs are counted.

All kernels of the toy source are 5x5 and none of a delta's is.
"""

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.models import SNOWModel
from tests.backends import only_jax
from tests.backends import only_tensorflow
from tests.toys import KERNEL
from tests.toys import SETTINGS
from tests.toys import images
from tests.toys import residual_network

BACKWARD = ("Conv2DBackpropInput", "Conv2DBackpropFilter")


def model_of():
    model = SNOWModel.from_source(
        residual_network(), 3, **{**SETTINGS, "head": "levels"}
    )
    model.calibrate(images())
    return model


def convolutions_backward(model):
    """Returns the shapes at each backward convolution of a training step."""
    import tensorflow as tf

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(x, training=True) ** 2)
        return tape.gradient(loss, [v.value for v in model.trainable_variables])

    graph = step.get_concrete_function(tf.constant(images())).graph
    return [
        [tensor.shape for tensor in (*operation.inputs, *operation.outputs)]
        for operation in graph.get_operations()
        if operation.type in BACKWARD
    ]


def is_of_source(shapes):
    return any(
        len(shape) == 4 and tuple(shape[:2]) == (KERNEL, KERNEL)
        for shape in shapes
    )


@only_tensorflow
def test_no_backward_convolution_belongs_to_the_source():
    found = convolutions_backward(model_of())
    assert found
    assert not [shapes for shapes in found if is_of_source(shapes)]


@only_tensorflow
def test_nor_after_the_whole_model_was_thawed():
    model = model_of()
    model.trainable = True
    for layer in model.layers:
        layer.trainable = True
    found = convolutions_backward(model)
    assert not [shapes for shapes in found if is_of_source(shapes)]


@only_tensorflow
def test_the_count_sees_the_source_where_it_is_trained():
    network = residual_network()
    found = convolutions_backward(network)
    convolutions = [x for x in network.layers if x.name.endswith("_conv")]
    of_kernels = [shapes for shapes in found if is_of_source(shapes)]
    assert len(of_kernels) >= 2 * len(convolutions) - 1


def convolutions_in(jaxpr):
    """Counts convolutions with a kernel of the source, at any depth."""
    found = 0
    for equation in jaxpr.eqns:
        if equation.primitive.name == "conv_general_dilated":
            variables = [*equation.invars, *equation.outvars]
            found += any(
                sorted(variable.aval.shape).count(KERNEL) >= 2
                for variable in variables
            )
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                found += convolutions_in(inner)
    return found


@only_jax
@pytest.mark.parametrize("of", ["snow", "network"])
def test_a_gradient_adds_no_convolution_of_the_source(of):
    import jax

    model = model_of() if of == "snow" else residual_network()
    trained = [v.value for v in model.trainable_variables]
    others = [v.value for v in model.non_trainable_variables]
    x = ops.convert_to_tensor(images())

    def loss(trained):
        logits, _ = model.stateless_call(trained, others, x, training=True)
        return ops.sum(logits**2)

    forward = convolutions_in(jax.make_jaxpr(loss)(trained).jaxpr)
    whole = convolutions_in(jax.make_jaxpr(jax.grad(loss))(trained).jaxpr)
    assert forward >= 8
    assert (whole == forward) == (of == "snow")


def test_the_image_gets_its_gradient_from_the_delta_alone():
    # The loss reads taps only through the delta, and the source is cut off:
    # with the delta's own stem silenced nothing flows back to the image.
    model = model_of()
    stem = model.delta.get_layer("delta_stem")
    stem.kernel.assign(np.zeros(stem.kernel.shape))
    x = ops.convert_to_tensor(images())
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(model(x) ** 2)
        gradient = tape.gradient(loss, x)
    else:
        import jax

        gradient = jax.grad(lambda x: ops.sum(model(x) ** 2))(x)
    assert not ops.convert_to_numpy(gradient).any()
