#!/usr/bin/env bash
# One would guess that softplus(100) is 100 in a LiteRT file as it is in Keras
# 3.15.1, but the file that TensorFlow 2.21.0 writes computes log(1 + exp(x)) as it
# stands, and ai-edge-litert 2.3.0 answers with infinity from x = 89 on.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    keras==3.15.1 tensorflow-cpu==2.21.0 \
    ai-edge-litert==2.3.0 numpy==2.4.6
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES= KERAS_BACKEND=tensorflow
venv/bin/python - <<'PYTHON'
import sys
import warnings
from importlib.metadata import version

import numpy as np

warnings.simplefilter("ignore")
import keras
from ai_edge_litert.interpreter import Interpreter

for name in ("keras", "tensorflow-cpu", "ai-edge-litert", "numpy"):
    print(name, version(name))

image = keras.Input(batch_shape=(1, 5))
model = keras.Model(image, keras.layers.Activation("softplus")(image))
x = np.array([[-5, 0, 80, 89, 500]], "float32")
expected = np.logaddexp(0, x.astype("float64"))
in_keras = model.predict(x, verbose=0)
model.export("model.tflite", format="litert", verbose=False)
interpreter = Interpreter("model.tflite")
interpreter.allocate_tensors()
interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
interpreter.invoke()
seen = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
print("expected", expected[0].round(4).tolist())
print("Keras   ", in_keras[0].round(4).tolist())
print("LiteRT  ", seen[0].round(4).tolist())

holds = (
    np.allclose(in_keras, expected, rtol=1e-4)
    and np.allclose(seen[0, :3], expected[0, :3], rtol=1e-4)
    and np.isinf(seen[0, 3:]).all()
)
sys.exit(0 if holds else 1)
PYTHON
