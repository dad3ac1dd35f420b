#!/usr/bin/env bash
# One would guess that get_output_details()[i] of ai-edge-litert 2.3.0 is the i-th
# output of the Keras 3.15.1 model in the file, but they come in another order and
# under names that say nothing; with heads of one size the mix-up goes unseen.
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
from keras import layers

for name in ("keras", "tensorflow-cpu", "ai-edge-litert", "numpy"):
    print(name, version(name))

image = keras.Input(batch_shape=(1, 4))
names = ["species", "age", "zone", "area"]
heads = [
    layers.Dense(2, bias_initializer=keras.initializers.Constant(i), name=name)
    for i, name in enumerate(names)
]
model = keras.Model(image, [head(image) for head in heads])
x = np.zeros((1, 4), "float32")
expected = [float(answer[0, 0]) for answer in model.predict(x, verbose=0)]
model.export("model.tflite", format="litert", verbose=False)
interpreter = Interpreter("model.tflite")
interpreter.allocate_tensors()
interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
interpreter.invoke()
details = interpreter.get_output_details()
seen = [float(interpreter.get_tensor(d["index"])[0, 0]) for d in details]
print("heads                ", names)
print("expected answers     ", expected)
print("by get_output_details", seen, [d["name"] for d in details])
runner = interpreter.get_signature_runner()
(argument,) = runner.get_input_details()
signed = runner(**{argument: x})
by_name = [float(signed[f"output_{i}"][0, 0]) for i in range(4)]
print("by signature         ", by_name)

holds = (
    expected == [0, 1, 2, 3]
    and by_name == expected
    and sorted(seen) == expected
    and seen != expected
)
sys.exit(0 if holds else 1)
PYTHON
