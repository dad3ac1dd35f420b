#!/usr/bin/env bash
# One would guess that Hyperband(max_epochs=100, factor=3) of KerasTuner 1.4.8 has the
# brackets of its paper (81 trials of 1 epoch first), but it rounds epochs up and
# starts 98 trials of 2 epochs, so that a search costs half as much again.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -qq --no-compile \
    keras-tuner==1.4.8 six==1.17.0 keras==3.15.1 \
    jax==0.10.2 numpy==2.4.6
export KERAS_BACKEND=jax
venv/bin/python - <<'PYTHON'
import collections
import math
import sys
from importlib.metadata import version

import keras_tuner

for name in ("keras-tuner", "keras"):
    print(name, version(name))

most, factor = 100, 3


def published():
    """Rungs (epochs, trials) of each bracket: Li et al., 2018, Algorithm 1."""
    deepest = int(math.floor(math.log(most) / math.log(factor)))
    brackets = []
    for bracket in range(deepest, -1, -1):
        first = math.ceil((deepest + 1) / (bracket + 1) * factor**bracket)
        brackets.append([
            (int(most * factor ** (rung - bracket)), first // factor**rung)
            for rung in range(bracket + 1)
        ])
    return brackets


def tried():
    parameters = keras_tuner.HyperParameters()
    parameters.Float("x", 0.0, 1.0)
    oracle = keras_tuner.oracles.HyperbandOracle(
        keras_tuner.Objective("loss", "min"),
        max_epochs=most,
        factor=factor,
        hyperparameters=parameters,
        seed=0,
    )
    oracle.verbose = 0
    oracle._set_project_dir(".", "search")
    rungs, epochs = collections.Counter(), 0
    while (trial := oracle.create_trial("one")).status == "RUNNING":
        values = trial.hyperparameters.values
        rungs[values["tuner/bracket"], values["tuner/epochs"]] += 1
        epochs += values["tuner/epochs"] - values["tuner/initial_epoch"]
        oracle.update_trial(trial.trial_id, {"loss": float(values["x"])})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
    return rungs, epochs


def cost(rungs):
    """Epochs of a bracket whose trials go on from where they were."""
    before = [0] + [epochs for epochs, _ in rungs[:-1]]
    return sum(n * (epochs - b) for (epochs, n), b in zip(rungs, before))


brackets = published()
expected = sum(map(cost, brackets))
rungs, seen = tried()
deepest = max(bracket for bracket, _ in rungs)
first = sorted((e, n) for (b, e), n in rungs.items() if b == deepest)
print("deepest bracket, (epochs, trials)")
print("  expected", brackets[0], "all brackets", expected, "epochs")
print("  seen    ", first, "all brackets", seen, "epochs")

holds = (
    brackets[0][0] == (1, 81)
    and [epochs for epochs, _ in first] == [2, 4, 12, 34, 100]
    and first[0][1] == 98
    and seen > 1.3 * expected
)
sys.exit(0 if holds else 1)
PYTHON
