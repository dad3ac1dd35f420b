#!/usr/bin/env bash
# One would guess that tfds.testing.mock_data of tensorflow-datasets 4.9.10 mocks the
# splits too, but train, test, train[:50%] and train[50%:] are all the same images, as
# many as num_examples: a test with it can not find leaking splits.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    tensorflow-datasets==4.9.10 importlib_resources==7.1.0 \
    tensorflow-cpu==2.21.0 numpy==2.4.6
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=
venv/bin/python - <<'PYTHON'
import sys
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")
import tensorflow_datasets as tfds

for name in ("tensorflow-datasets", "tensorflow-cpu", "numpy"):
    print(name, version(name))

splits = ("train", "test", "train[:50%]", "train[50%:]")
seen = {}
with tfds.testing.mock_data(num_examples=6):
    for split in splits:
        rows = tfds.as_numpy(tfds.load("cifar10", split=split, data_dir="."))
        seen[split] = [(int(row["label"]), row["image"].tobytes()) for row in rows]
shared = {split: len(set(seen["train"]) & set(seen[split])) for split in splits}
print("expected: 6, 6, 3 and 3 images; none of train in test;",
      "the halves disjoint")
print("seen images         ", {split: len(rows) for split, rows in seen.items()})
print("seen, shared with train", shared)
print("different images in train:", len(set(seen["train"])))
holds = (
    len(set(seen["train"])) == 6
    and all(seen[split] == seen["train"] for split in splits)
)
sys.exit(0 if holds else 1)
PYTHON
