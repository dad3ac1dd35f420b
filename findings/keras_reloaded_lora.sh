#!/usr/bin/env bash
# One would guess that a Keras 3.15.1 network with enable_lora can be saved, loaded
# and trained on, but the loaded layer says lora_enabled while both its matrices are
# zero: their gradients are zero for ever and only the bias still learns.
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

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(64, 8)).astype("float32")
y = x @ random.normal(size=(8, 3)).astype("float32")


def adapters(model):
    layer = model.layers[0]
    matrices = (layer.lora_kernel_a, layer.lora_kernel_b)
    return [keras.ops.convert_to_numpy(matrix).copy() for matrix in matrices]


def moved(model):
    before = adapters(model)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(x, y, epochs=20, verbose=0)
    pairs = zip(before, adapters(model))
    return [float(np.abs(new - old).max()) for old, new in pairs]


model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])
model.layers[0].enable_lora(2)
first = moved(model)
answers = model.predict(x, verbose=0)
model.save("model.keras")
loaded = keras.models.load_model("model.keras")
same = np.abs(loaded.predict(x, verbose=0) - answers).max()
sizes = [float(np.abs(matrix).max()) for matrix in adapters(loaded)]
enabled = loaded.layers[0].lora_enabled
second = moved(loaded)
print("answers of the loaded network differ by", same)
print("lora_enabled", enabled, "largest entries of A and B", sizes)
print("expected: 20 epochs move A and B, as before saving by", first)
print("seen: 20 epochs after loading move them by", second)

holds = (
    min(first) > 1e-4
    and same < 1e-5
    and enabled
    and sizes == [0, 0]
    and second == [0, 0]
)
sys.exit(0 if holds else 1)
PYTHON
