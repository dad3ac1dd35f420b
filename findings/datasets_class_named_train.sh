#!/usr/bin/env bash
# One would guess that load_dataset("imagefolder") of Hugging Face datasets 5.2.0
# makes a class of each folder, but with folders bus, tram and train it takes
# "train" for a split: a third of the images, no labels, no error.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    datasets==5.2.0 pillow==13.0.0 numpy==2.4.6
export HF_HOME="$folder/home" HF_HUB_OFFLINE=1
venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path

import datasets
import numpy as np
from PIL import Image

for name in ("datasets", "pillow", "numpy"):
    print(name, version(name))
datasets.disable_progress_bars()


def read(classes):
    root = Path("_".join(classes))
    for number, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for image in range(4):
            pixels = np.full((8, 8, 3), 60 * number + image, "uint8")
            Image.fromarray(pixels).save(root / name / f"{image}.png")
    found = datasets.load_dataset("imagefolder", data_dir=str(root))
    sizes = {split: len(rows) for split, rows in found.items()}
    feature = next(iter(found.values())).features.get("label")
    return sizes, feature.names if feature else None


usual = read(["bus", "ferry", "tram"])
unlucky = read(["bus", "train", "tram"])
print("folders bus, ferry, tram:", *usual)
print("folders bus, train, tram")
print("  expected", {"train": 12}, ["bus", "train", "tram"])
print("  seen    ", *unlucky)

holds = (
    usual == ({"train": 12}, ["bus", "ferry", "tram"])
    and unlucky == ({"train": 4}, None)
)
sys.exit(0 if holds else 1)
PYTHON
