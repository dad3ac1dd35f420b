#!/usr/bin/env bash
# One would guess that a learning-rate schedule is a function of optimizer.iterations,
# but under gradient_accumulation_steps Keras 3.15.1 gives it the number of
# micro-batches: with 4, a rate that should fall after 4 updates falls after 1.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    keras==3.15.1 jax==0.10.2 numpy==2.4.6
export KERAS_BACKEND=jax
venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

import keras
import numpy as np

for name in ("keras", "jax", "numpy"):
    print(name, version(name))

rate = keras.optimizers.schedules.PiecewiseConstantDecay([3], [1.0, 0.1])
optimizer = keras.optimizers.SGD(rate, gradient_accumulation_steps=4)
weight = keras.Variable(np.zeros(1, "float32"))
optimizer.build([weight])
seen, iterations, before = [], [], 0.0
for _ in range(24):
    optimizer.apply([np.ones(1, "float32")], [weight])
    now = float(weight.numpy()[0])
    if now != before:
        seen.append(round(before - now, 4))
        iterations.append(int(optimizer.iterations) - 1)
        before = now
expected = [round(float(rate(step)), 4) for step in iterations]
print("updates, by optimizer.iterations", iterations)
print("expected rates", expected)
print("seen rates    ", seen)

holds = (
    iterations == [0, 1, 2, 3, 4, 5]
    and expected == [1, 1, 1, 1, 0.1, 0.1]
    and seen == [1, 0.1, 0.1, 0.1, 0.1, 0.1]
)
sys.exit(0 if holds else 1)
PYTHON
