#!/usr/bin/env bash
# One would guess that floor_divide and mod of whole numbers round down after
# export as they do in Python and Keras 3.15.1, but tf2onnx 1.17.0 exports divisions
# that round towards zero: -7 // 3 becomes -2 and -7 % 3 becomes -1.
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


class Cell(keras.layers.Layer):
    """The grid cell of a coordinate, and the place within the cell."""

    def call(self, x):
        return ops.stack([ops.floor_divide(x, 3), ops.mod(x, 3)], axis=1)


coordinate = keras.Input((6,), dtype="int32")
model = keras.Model(coordinate, Cell(dtype="int32")(coordinate))
x = np.array([[-7, -3, -1, 0, 4, 7]], "int32")
expected = [[value // 3 for value in x[0].tolist()]]
expected += [[value % 3 for value in x[0].tolist()]]
in_keras = ops.convert_to_numpy(model(x))[0].tolist()
model.export("model.onnx", format="onnx", verbose=False)
session = onnxruntime.InferenceSession("model.onnx")
seen = session.run(None, {session.get_inputs()[0].name: x})[0][0].tolist()
print("x            ", x[0].tolist())
print("expected //  ", expected[0], " %", expected[1])
print("Keras //     ", in_keras[0], " %", in_keras[1])
print("ONNX file // ", seen[0], " %", seen[1])

holds = (
    in_keras == expected
    and seen[0] == [int(value / 3) for value in x[0].tolist()]
    and seen[0][3:] == expected[0][3:]
    and seen[0] != expected[0]
    and seen[1] != expected[1]
)
sys.exit(0 if holds else 1)
PYTHON
