#!/usr/bin/env bash
# One would guess that a guarded logarithm, where(x > 0, log(x), 0), is as safe in
# ONNX as in Keras 3.15.1, but tf2onnx 1.17.0 writes "where ... else 0" as a product
# with the condition, so that the values that were masked come out as NaN.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    keras==3.15.1 tensorflow-cpu==2.21.0 \
    tf2onnx==1.17.0 onnxruntime==1.32.0 numpy==2.4.6
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES= KERAS_BACKEND=tensorflow
venv/bin/python - <<'PYTHON'
import sys
import warnings
from importlib.metadata import version

import numpy as np

warnings.simplefilter("ignore")
import keras
import onnx
import onnxruntime
from keras import ops

for name in ("keras", "tensorflow-cpu", "tf2onnx", "onnxruntime", "numpy"):
    print(name, version(name))


class GuardedLogarithm(keras.layers.Layer):
    def call(self, x):
        return ops.where(x > 0, ops.log(x), 0.0)


image = keras.Input((4,))
model = keras.Model(image, GuardedLogarithm()(image))
x = np.array([[-1, 0, 1, 2]], "float32")
expected = np.array([[0, 0, 0, np.log(2)]], "float32")
in_keras = ops.convert_to_numpy(model(x))
model.export("model.onnx", format="onnx", verbose=False)
nodes = [node.op_type for node in onnx.load("model.onnx").graph.node]
session = onnxruntime.InferenceSession("model.onnx")
seen = session.run(None, {session.get_inputs()[0].name: x})[0]
print("expected    ", expected)
print("Keras       ", in_keras)
print("ONNX Runtime", seen)
print("nodes", nodes)

holds = (
    np.allclose(in_keras, expected)
    and np.isnan(seen[0, :2]).all()
    and np.allclose(seen[0, 2:], expected[0, 2:])
    and "Where" not in nodes
    and "Mul" in nodes
)
sys.exit(0 if holds else 1)
PYTHON
