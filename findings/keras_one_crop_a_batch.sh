#!/usr/bin/env bash
# One would guess that layers.RandomCrop of Keras 3.15.1 crops each image of a batch
# at a place of its own, as RandomTranslation moves each by its own amount, but it
# draws one place for the whole batch.
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

# Each pixel says where it was; all images of the batch are the same.
image = np.arange(64, dtype="float32").reshape(1, 8, 8, 1)
batch = np.repeat(image, 16, axis=0)


def places(layer):
    """How many different images come out of 16 equal ones, in ten batches."""
    counts = []
    for _ in range(10):
        images = keras.ops.convert_to_numpy(layer(batch, training=True))
        counts.append(len({one.tobytes() for one in images}))
    return counts


moved = places(keras.layers.RandomTranslation(0.4, 0.4, seed=1))
crop = keras.layers.RandomCrop(4, 4, seed=1)
seen = places(crop)
corners = {
    float(np.asarray(crop(batch, training=True))[0, 0, 0, 0]) for _ in range(20)
}
print("different images of a batch of 16 equal ones")
print("  RandomTranslation", moved)
print("  RandomCrop, expected about", 12)
print("  RandomCrop, seen ", seen)
print("different crops in 20 batches:", len(corners))

holds = min(moved) > 10 and seen == [1] * 10 and len(corners) > 5
sys.exit(0 if holds else 1)
PYTHON
