#!/usr/bin/env bash
# One would guess that keras.random.normal with a whole seed draws the same numbers
# with and without jit_compile on one device, but on TensorFlow 2.21.0 (Keras 3.15.1)
# XLA draws a stream of its own: not one of 1000 numbers is the same.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    keras==3.15.1 tensorflow-cpu==2.21.0 numpy==2.4.6
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES= KERAS_BACKEND=tensorflow
venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

import keras
import numpy as np
import tensorflow as tf

for name in ("keras", "tensorflow-cpu", "numpy"):
    print(name, version(name))


def noise():
    return keras.random.normal((1000,), seed=3)


plain = tf.function(noise)().numpy()
again = tf.function(noise)().numpy()
compiled = tf.function(noise, jit_compile=True)().numpy()
compiled_again = tf.function(noise, jit_compile=True)().numpy()
equal = int((plain == compiled).sum())
correlation = float(np.corrcoef(plain, compiled)[0, 1])
print("means and deviations", plain.mean(), compiled.mean(), plain.std(),
      compiled.std())
print("expected 1000 equal numbers, as when either is repeated:",
      int((plain == again).sum()), int((compiled == compiled_again).sum()))
print("seen", equal, "equal numbers, correlation", round(correlation, 3))

holds = (
    np.array_equal(plain, again)
    and np.array_equal(compiled, compiled_again)
    and equal == 0
    and abs(correlation) < 0.15
    and 0.9 < compiled.std() < 1.1
)
sys.exit(0 if holds else 1)
PYTHON
