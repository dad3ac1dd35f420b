#!/usr/bin/env bash
# One would guess that a network whose logits are all NaN has a top-5 accuracy of 0
# in Keras 3.15.1, as it has on TensorFlow 2.21.0, but on JAX 0.10.2 the same metric
# says 1.0: a run that diverged looks perfect.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    keras==3.15.1 tensorflow-cpu==2.21.0 jax==0.10.2 \
    numpy==2.4.6
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=
venv/bin/python - <<'PYTHON'
import os
import subprocess
import sys
from importlib.metadata import version

for name in ("keras", "tensorflow-cpu", "jax", "numpy"):
    print(name, version(name))

program = """
import keras, numpy as np
labels = np.arange(10) * 10
logits = np.random.default_rng(0).normal(size=(10, 100)).astype("float32")
logits[np.arange(10), labels] = -9.0  # Never among the first five.
for answers in (logits, np.full_like(logits, np.nan)):
    metric = keras.metrics.SparseTopKCategoricalAccuracy(k=5)
    metric.update_state(labels, answers)
    print(float(metric.result()))
"""
seen = {}
for backend in ("tensorflow", "jax"):
    settings = {**os.environ, "KERAS_BACKEND": backend}
    lines = subprocess.run(
        [sys.executable, "-c", program],
        env=settings,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.split()
    seen[backend] = [float(line) for line in lines[-2:]]
print("expected: 0.0 for wrong logits, 0.0 for NaN")
for backend, (wrong, broken) in seen.items():
    print(f"{backend}: {wrong} for wrong logits, {broken} for NaN")
holds = seen == {"tensorflow": [0.0, 0.0], "jax": [0.0, 1.0]}
sys.exit(0 if holds else 1)
PYTHON
