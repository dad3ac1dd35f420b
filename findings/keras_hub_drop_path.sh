#!/usr/bin/env bash
# One would guess that DropPath(0.5) of DINOv2 in keras-hub 0.32.0 drops half of the
# branches and doubles the rest, as its layer of that name for Swin does, but the
# random number is never rounded: none is dropped, each is doubled on average.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    keras==3.15.1 jax==0.10.2 regex==2026.11.19 tokenizers==0.23.3 \
    sentencepiece==0.2.3 kagglehub==1.0.0 numpy==2.4.6
# Without its dependency on tensorflow-text, which JAX has no need of.
venv/bin/python -m pip install -qq --no-compile --no-deps keras-hub==0.32.0
export KERAS_BACKEND=jax
venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

import keras
import numpy as np
from keras_hub.src.models.dinov2 import dinov2_layers
from keras_hub.src.models.swin_transformer import swin_transformer_layers

for name in ("keras", "keras-hub", "jax", "numpy"):
    print(name, version(name))

keras.utils.set_random_seed(0)
branch = np.ones((2000, 3, 4), "float32")


def factors(layer):
    answers = keras.ops.convert_to_numpy(layer(branch, training=True))
    return answers[:, 0, 0]


def described(values):
    dropped = float((values == 0).mean())
    return f"dropped {dropped:.3f}, different factors {len(np.unique(values))}," \
        f" mean {values.mean():.3f}"


peer = factors(swin_transformer_layers.DropPath(0.5, seed=0))
dino = dinov2_layers.DINOV2DropPath(0.5)
dino.build(branch.shape)
seen = factors(dino)
print("expected       dropped 0.5, different factors 2, mean 1")
print("Swin's DropPath", described(peer))
print("DINOv2's       ", described(seen))

holds = (
    len(np.unique(peer)) == 2
    and 0.4 < (peer == 0).mean() < 0.6
    and abs(peer.mean() - 1) < 0.1
    and (seen == 0).sum() == 0
    and len(np.unique(seen)) > 1000
    and abs(seen.mean() - 2) < 0.1
)
sys.exit(0 if holds else 1)
PYTHON
