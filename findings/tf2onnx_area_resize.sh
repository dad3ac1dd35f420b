#!/usr/bin/env bash
# One would guess that tf.image.resize(method="area") of TensorFlow 2.21.0 averages
# after export too, or is refused, but tf2onnx 1.17.0 writes a Resize that picks the
# nearest pixel, and says nothing.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    tensorflow-cpu==2.21.0 tf2onnx==1.17.0 \
    onnxruntime==1.32.0 numpy==2.4.6
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES= KERAS_BACKEND=tensorflow
venv/bin/python - <<'PYTHON'
import sys
import warnings
from importlib.metadata import version

import numpy as np

warnings.simplefilter("ignore")
import onnxruntime
import tensorflow as tf
import tf2onnx

for name in ("tensorflow-cpu", "tf2onnx", "onnxruntime", "numpy"):
    print(name, version(name))

signature = [tf.TensorSpec((1, 4, 4, 1), tf.float32, name="image")]


@tf.function(input_signature=signature)
def thumbnail(image):
    return tf.image.resize(image, (2, 2), method="area")


image = np.arange(16, dtype="float32").reshape(1, 4, 4, 1) ** 2
expected = image.reshape(2, 2, 2, 2).mean((1, 3))
in_tensorflow = thumbnail(image).numpy()[0, ..., 0]
model, _ = tf2onnx.convert.from_function(thumbnail, signature, opset=18)
(resize,) = [node for node in model.graph.node if node.op_type == "Resize"]
modes = [a.s.decode() for a in resize.attribute if a.name == "mode"]
session = onnxruntime.InferenceSession(model.SerializeToString())
seen = session.run(None, {"image": image})[0][0, ..., 0]
print("expected (means of 2 x 2)", expected.tolist())
print("TensorFlow               ", in_tensorflow.tolist())
print("ONNX file                ", seen.tolist(), "mode", modes)

holds = (
    np.allclose(in_tensorflow, expected)
    and modes == ["nearest"]
    and np.array_equal(seen, image[0, ::2, ::2, 0])
)
sys.exit(0 if holds else 1)
PYTHON
