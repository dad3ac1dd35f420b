#!/usr/bin/env bash
# One would guess that PrototypicalNetworks of easyfsl 1.5.0 scores by minus the
# squared distance, as its paper does, but it scores by minus the distance: the same
# classes, other probabilities and another loss.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    easyfsl==1.5.0 torch==2.14.1 torchvision==0.29.1 \
    numpy==2.4.6
venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

import torch
from easyfsl.methods import PrototypicalNetworks

for name in ("easyfsl", "torch"):
    print(name, version(name))

support = torch.tensor([[0.0, 0.0], [0.0, 2.0], [6.0, 0.0], [6.0, 2.0]])
labels = torch.tensor([0, 0, 1, 1])
queries = torch.tensor([[2.0, 1.0], [0.0, 1.0]])
method = PrototypicalNetworks(torch.nn.Identity())
method.process_support_set(support, labels)
seen = method(queries)

prototypes = torch.tensor([[0.0, 1.0], [6.0, 1.0]])
difference = queries[:, None] - prototypes
squared = -difference.square().sum(-1)  # Snell et al., 2017, Section 2.4.
plain = -difference.square().sum(-1).sqrt()
print("expected scores", squared.tolist())
print("seen scores    ", seen.tolist())
print("probability of the first class, expected",
      squared.softmax(-1)[:, 0].tolist(), "seen",
      seen.softmax(-1)[:, 0].tolist())

holds = (
    torch.allclose(seen, plain, atol=1e-5)
    and not torch.allclose(seen, squared)
    and torch.equal(seen.argmax(-1), squared.argmax(-1))
)
sys.exit(0 if holds else 1)
PYTHON
