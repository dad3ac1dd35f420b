#!/usr/bin/env bash
# One would guess that the one-hot row of the label -1 ("ignore this one") is all
# zeros after export too, as in Keras 3.15.1, but in the ONNX file of tf2onnx 1.17.0
# negative labels count from the end: -1 is the last class.
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
import onnxruntime
from keras import ops

for name in ("keras", "tensorflow-cpu", "tf2onnx", "onnxruntime", "numpy"):
    print(name, version(name))


class OneHot(keras.layers.Layer):
    def call(self, labels):
        return ops.one_hot(labels, 4)


image = keras.Input((5,), dtype="int32")
model = keras.Model(image, OneHot(dtype="float32")(image))
labels = np.array([[0, 3, -1, -2, 4]], "int32")
expected = (labels[..., None] == np.arange(4)).astype("float32")
in_keras = ops.convert_to_numpy(model(labels))
model.export("model.onnx", format="onnx", verbose=False)
session = onnxruntime.InferenceSession("model.onnx")
seen = session.run(None, {session.get_inputs()[0].name: labels})[0]
for number, label in enumerate(labels[0]):
    print(
        f"label {label:2}: expected {expected[0, number]},",
        f"Keras {in_keras[0, number]}, ONNX Runtime {seen[0, number]}",
    )

holds = (
    np.array_equal(in_keras, expected)
    and np.array_equal(seen[0, [0, 1, 4]], expected[0, [0, 1, 4]])
    and seen[0, 2].tolist() == [0, 0, 0, 1]
    and seen[0, 3].tolist() == [0, 0, 1, 0]
)
sys.exit(0 if holds else 1)
PYTHON
