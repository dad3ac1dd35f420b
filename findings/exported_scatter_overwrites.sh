#!/usr/bin/env bash
# One would guess that scatter adds what falls on one index after export too, as in
# Keras 3.15.1, but both the ONNX file of tf2onnx 1.17.0 (ONNX Runtime 1.32.0) and the
# conversion of OpenVINO 2026.4.1 keep the last value alone: histograms lose counts.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    keras==3.15.1 tensorflow-cpu==2.21.0 \
    tf2onnx==1.17.0 onnxruntime==1.32.0 \
    openvino==2026.4.1 scipy==1.17.1 numpy==2.4.6
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES= KERAS_BACKEND=tensorflow
venv/bin/python - <<'PYTHON'
import sys
import warnings
from importlib.metadata import version

import numpy as np

warnings.simplefilter("ignore")
import keras
import onnxruntime
import openvino
from keras import ops

for name in (
    "keras", "tensorflow-cpu", "tf2onnx", "onnxruntime", "openvino", "numpy"
):
    print(name, version(name))


class Sums(keras.layers.Layer):
    """Adds the values of each group."""

    def call(self, values):
        groups = np.array([[0], [1], [0], [0]], "int32")
        return ops.scatter(groups, ops.reshape(values, (4,)), (3,))


values = keras.Input(batch_shape=(4, 1))
model = keras.Model(values, Sums()(values))
x = np.array([[1], [2], [4], [8]], "float32")
expected = np.zeros(3, "float32")
np.add.at(expected, [0, 1, 0, 0], x[:, 0])
in_keras = ops.convert_to_numpy(model(x))
model.export("model.onnx", format="onnx", verbose=False)
session = onnxruntime.InferenceSession("model.onnx")
onnx_answer = session.run(None, {session.get_inputs()[0].name: x})[0]
model.export("model.xml", format="openvino", verbose=False)
core = openvino.Core()
compiled = core.compile_model(
    core.read_model("model.xml"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
)
openvino_answer = compiled([x])[0]
print("expected    ", expected)
print("Keras       ", in_keras)
print("ONNX Runtime", onnx_answer)
print("OpenVINO    ", openvino_answer)

holds = (
    np.array_equal(in_keras, expected)
    and onnx_answer.tolist() == [8, 2, 0]
    and openvino_answer.tolist() == [8, 2, 0]
)
sys.exit(0 if holds else 1)
PYTHON
