#!/usr/bin/env bash
# One would guess that BinaryAUROC of torchmetrics 1.9.0 says the same of the same
# logits however they are cut into batches, but each batch whose logits all lie
# between 0 and 1 is taken for probabilities and left without the sigmoid.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    torchmetrics==1.9.0 torch==2.14.1 scikit-learn==1.9.1 \
    numpy==2.4.6
venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

import torch
from sklearn.metrics import roc_auc_score
from torchmetrics.classification import BinaryAUROC

for name in ("torchmetrics", "torch", "scikit-learn"):
    print(name, version(name))

logits = torch.tensor([-2.0, 0.8, 3.0, 0.9, 0.2, 0.4, 0.6, 0.7])
labels = torch.tensor([0, 1, 1, 1, 0, 0, 0, 0])
expected = float(roc_auc_score(labels.numpy(), logits.numpy()))


def area(size):
    metric = BinaryAUROC()
    for first in range(0, len(logits), size):
        rows = slice(first, first + size)
        metric.update(logits[rows], labels[rows])
    return float(metric.compute())


seen = {size: round(area(size), 4) for size in (8, 4, 1)}
print("expected at each batch size", expected, "(scikit-learn)")
print("seen at batch sizes        ", seen)
holds = expected == 1.0 and seen[8] == 1.0 and seen[4] != 1.0
sys.exit(0 if holds else 1)
PYTHON
