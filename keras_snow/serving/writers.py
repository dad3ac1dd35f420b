"""Writes a function of TensorFlow in the format of another runtime."""

import pathlib
import tempfile
from typing import Any

import numpy as np


def write_saved_model(function: Any, path: pathlib.Path) -> None:
    """Writes a SavedModel, with the signature `serving_default`."""
    import tensorflow as tf

    signature = function.get_concrete_function()
    tf.saved_model.save(tf.Module(), str(path), signatures=signature)


def write_onnx(function: Any, path: pathlib.Path) -> None:
    """Writes an ONNX file."""
    import tf2onnx
    from keras.src.export.tf2onnx_lib import patch_tf2onnx

    patch_tf2onnx()  # For NumPy 2.
    tf2onnx.convert.from_function(
        function,
        function.input_signature,
        output_path=str(path),
        custom_op_handlers={"Erfc": (_as_erf, [])},
    )


def _as_erf(graph: Any, node: Any, name: str, args: Any) -> None:
    """Writes `erfc`, of the exact GELU, as 1 - erf: ONNX has no other."""
    del name, args
    (given,), outputs = node.input, list(node.output)
    shapes = [graph.get_shape(outputs[0])]
    dtypes = [graph.get_dtype(outputs[0])]
    graph.remove_node(node.name)
    one = graph.make_const(f"{node.name}_one", np.ones((), "float32"))
    erf = graph.make_node("Erf", [given])
    graph.make_node(
        "Sub",
        [one.output[0], erf.output[0]],
        outputs=outputs,
        shapes=shapes,
        dtypes=dtypes,
    )


def write_openvino(function: Any, path: pathlib.Path) -> None:
    """Writes OpenVINO's own format, in float32."""
    import openvino

    model = openvino.convert_model(function.get_concrete_function())
    (image,), (given,) = model.inputs, function.input_signature
    image.get_node().set_friendly_name(given.name)
    image.tensor.set_names({given.name})
    openvino.serialize(model, str(path))


def write_litert(function: Any, path: pathlib.Path) -> None:
    """Writes a LiteRT file."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory(prefix="keras-snow-") as scratch:
        write_saved_model(function, pathlib.Path(scratch))
        converter = tf.lite.TFLiteConverter.from_saved_model(scratch)
        kinds = tf.lite.OpsSet
        converter.target_spec.supported_ops = [
            kinds.TFLITE_BUILTINS,
            kinds.SELECT_TF_OPS,
        ]
        path.write_bytes(converter.convert())
