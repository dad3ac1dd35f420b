#!/usr/bin/env bash
# One would guess that load_weights of Keras 3.15.1 gives each layer the weights that
# were saved under its name, or refuses, but names are not in the file: layers of one
# shape take each other's weights where they are called in another order, silently.
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
import warnings
from importlib.metadata import version

import keras
import numpy as np

for name in ("keras", "jax", "numpy"):
    print(name, version(name))


def network(*names):
    image = keras.Input((4,))
    maps = image
    for name in names:
        maps = keras.layers.Dense(4, name=name)(maps)
    return keras.Model(image, maps)


saved = network("colour", "texture")
saved.save_weights("saved.weights.h5")
other = network("texture", "colour")
with warnings.catch_warnings():
    warnings.simplefilter("error")
    other.load_weights("saved.weights.h5")


def kernel(model, name):
    return keras.ops.convert_to_numpy(model.get_layer(name).kernel)


seen = {
    name: next(
        origin
        for origin in ("colour", "texture")
        if np.array_equal(kernel(other, name), kernel(saved, origin))
    )
    for name in ("colour", "texture")
}
print("expected", {"colour": "colour", "texture": "texture"}, "or an error")
print("seen    ", seen, "and no warning")
holds = seen == {"colour": "texture", "texture": "colour"}
sys.exit(0 if holds else 1)
PYTHON
