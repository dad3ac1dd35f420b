#!/usr/bin/env bash
# One would guess that map_coordinates(fill_mode="reflect") of Keras 3.15.1 gives the
# same pixels on each backend, but on TensorFlow 2.21.0 it reads other pixels beyond
# the border than on JAX 0.10.2, which agrees with SciPy 1.17.1.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    keras==3.15.1 tensorflow-cpu==2.21.0 jax==0.10.2 \
    scipy==1.17.1 numpy==2.4.6
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=
venv/bin/python - <<'PYTHON'
import os
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import scipy.ndimage

for name in ("keras", "tensorflow-cpu", "jax", "scipy", "numpy"):
    print(name, version(name))

image = (np.arange(6, dtype="float32") * 10)[:, None] + np.arange(7)
image = image.astype("float32")
inside = np.array([[1.5, 2.0, 4.25], [0.5, 3.0, 5.5]], "float32")
beyond = np.array([[-1.6, 6.7, -3.0], [1.0, 2.0, 3.0]], "float32")
np.savez("arrays.npz", image=image, inside=inside, beyond=beyond)
program = """
import keras, numpy as np
a = np.load("arrays.npz")
for place in ("inside", "beyond"):
    answer = keras.ops.image.map_coordinates(
        a["image"], a[place], order=1, fill_mode="reflect")
    np.save(f"{keras.backend.backend()}_{place}.npy", np.asarray(answer))
"""
for backend in ("tensorflow", "jax"):
    settings = {**os.environ, "KERAS_BACKEND": backend}
    subprocess.run([sys.executable, "-c", program], env=settings, check=True)

answers = {}
for place, where in (("inside", inside), ("beyond", beyond)):
    answers[place] = {
        name: np.load(f"{name}_{place}.npy") for name in ("tensorflow", "jax")
    }
    answers[place]["scipy"] = scipy.ndimage.map_coordinates(
        image, where, order=1, mode="reflect"
    )
    print(place, "the image, rows", where[0], "columns", where[1])
    print("  expected (SciPy)", answers[place]["scipy"])
    print("  JAX             ", answers[place]["jax"])
    print("  TensorFlow      ", answers[place]["tensorflow"])


def agree(place, backend):
    return np.allclose(
        answers[place][backend], answers[place]["scipy"], atol=1e-3
    )


holds = (
    agree("inside", "tensorflow")
    and agree("inside", "jax")
    and agree("beyond", "jax")
    and not agree("beyond", "tensorflow")
)
sys.exit(0 if holds else 1)
PYTHON
