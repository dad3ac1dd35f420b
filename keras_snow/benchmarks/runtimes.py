"""The runtimes that `serve` can measure, each with how a model enters it."""

import importlib.util
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

Runner = Callable[[np.ndarray], Any]

_MODULES = {
    "tensorflow": ("tensorflow", ["tensorflow"]),
    "onnxruntime": ("tensorflow", ["onnxruntime", "tf2onnx"]),
    "openvino": ("tensorflow", ["openvino"]),
    "jax": ("jax", ["jax"]),
}
"""By runtime, the backend of Keras that a model comes from, and its modules."""


def why_not(name: str) -> str | None:
    """Returns why a runtime can't be measured here; None if it can.

    Args:
        name: A runtime.
    """
    backend, modules = _MODULES[name]
    if keras.backend.backend() != backend:
        return f"set KERAS_BACKEND={backend} to measure it"
    missing = [x for x in modules if importlib.util.find_spec(x) is None]
    return f"{' and '.join(missing)} is not installed" if missing else None


def _frozen_function(model: keras.Model, images: np.ndarray) -> Any:
    import tensorflow as tf
    from tensorflow.python.framework import convert_to_constants

    signature = tf.TensorSpec(images.shape, tf.float32, name="image")
    function = tf.function(lambda image: model(image, training=False))
    return convert_to_constants.convert_variables_to_constants_v2(
        function.get_concrete_function(signature)
    )


def _tensorflow(model: keras.Model, images: np.ndarray) -> Runner:
    import tensorflow as tf

    function = _frozen_function(model, images)

    def run(batch: np.ndarray) -> Any:
        return [x.numpy() for x in function(tf.constant(batch))]

    return run


def _onnxruntime(model: keras.Model, images: np.ndarray) -> Runner:
    import onnxruntime
    import tf2onnx

    function = _frozen_function(model, images)
    proto, _ = tf2onnx.convert.from_graph_def(
        function.graph.as_graph_def(),
        input_names=[x.name for x in function.inputs],
        output_names=[x.name for x in function.outputs],
        opset=17,
    )
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (entry,) = (each.name for each in session.get_inputs())
    return lambda batch: session.run(None, {entry: batch})


def _openvino(model: keras.Model, images: np.ndarray) -> Runner:
    import openvino

    function = _frozen_function(model, images)
    converted = openvino.convert_model(function)
    # Its default on recent CPUs is bfloat16, up to 3 % off.
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.compile_model(converted, "CPU", exact)
    return lambda batch: compiled([batch])


def _jax(model: keras.Model, images: np.ndarray) -> Runner:
    import jax

    del images
    count = len(model.trainable_variables)
    order = [*model.trainable_variables, *model.non_trainable_variables]
    state = [variable.value for variable in order]

    @jax.jit
    def answer(values: Any, batch: Any) -> Any:
        outputs, _ = model.stateless_call(
            values[:count], values[count:], batch, training=False
        )
        return outputs

    return lambda batch: jax.block_until_ready(answer(state, batch))


RUNTIMES: dict[str, Callable[[keras.Model, np.ndarray], Runner]] = {
    "tensorflow": _tensorflow,
    "onnxruntime": _onnxruntime,
    "openvino": _openvino,
    "jax": _jax,
}
"""By name, what makes a model a function of a batch, in float32."""
