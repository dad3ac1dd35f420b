#!/usr/bin/env bash
# One would guess that a saved Keras 3.15.1 network goes on with the next dropout
# masks, as the state of its SeedGenerator is among model.variables, but neither
# .keras nor .weights.h5 holds it: a loaded network repeats its first masks.
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


def network():
    return keras.Sequential(
        [keras.Input((64,)), keras.layers.Dropout(0.5, seed=1)]
    )


def masks(model, count):
    x = np.ones((1, 64), "float32")
    answers = [model(x, training=True) for _ in range(count)]
    return [keras.ops.convert_to_numpy(answer)[0] > 0 for answer in answers]


uninterrupted = masks(network(), 6)
model = network()
first = masks(model, 3)
model.save("model.keras")
model.save_weights("model.weights.h5")
print("variables", [variable.path for variable in model.variables])
loaded = masks(keras.models.load_model("model.keras"), 3)
weighed = network()
weighed.load_weights("model.weights.h5")
weighed = masks(weighed, 3)


def which(found):
    """The numbers of the uninterrupted run's masks that these are."""
    return [
        next(n for n, mask in enumerate(uninterrupted) if (mask == one).all())
        for one in found
    ]


print("before saving, masks ", which(first))
print("expected after loading", [3, 4, 5])
print("seen after .keras     ", which(loaded))
print("seen after .weights.h5", which(weighed))

holds = (
    len(model.variables) == 1
    and len({mask.tobytes() for mask in uninterrupted}) == 6
    and which(first) == [0, 1, 2]
    and which(loaded) == [0, 1, 2]
    and which(weighed) == [0, 1, 2]
)
sys.exit(0 if holds else 1)
PYTHON
