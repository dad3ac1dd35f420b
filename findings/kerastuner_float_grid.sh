#!/usr/bin/env bash
# One would guess that GridSearch of KerasTuner 1.4.8 covers Float("dropout", 0, 0.5)
# from end to end, as its reference says of max_value, but with step=0.1 it ends at
# 0.4 and without a step at 0.475; only a step without rounding (0.25) reaches 0.5.
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
import sys
from importlib.metadata import version

import keras_tuner
import numpy as np

for name in ("keras-tuner", "keras", "numpy"):
    print(name, version(name))


def grid(folder, **options):
    parameters = keras_tuner.HyperParameters()
    parameters.Float("dropout", 0.0, 0.5, **options)
    oracle = keras_tuner.oracles.GridSearchOracle(
        keras_tuner.Objective("loss", "min"),
        max_trials=50,
        hyperparameters=parameters,
    )
    oracle.verbose = 0
    oracle._set_project_dir(".", folder)
    values = []
    while (trial := oracle.create_trial("one")).status == "RUNNING":
        values.append(trial.hyperparameters.get("dropout"))
        oracle.update_trial(trial.trial_id, {"loss": 1.0})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
    return np.sort(values)


quarters = grid("quarters", step=0.25)
tenths = grid("tenths", step=0.1)
free = grid("free")
print("expected last value 0.5 in each grid")
print("seen with step=0.25", quarters.round(3).tolist())
print("seen with step=0.1 ", tenths.round(3).tolist())
print("seen without step  ", free.round(3).tolist())

middles = 0.5 * (np.arange(10) + 0.5) / 10
holds = (
    np.allclose(quarters, [0, 0.25, 0.5])
    and len(tenths) == 5
    and np.allclose(tenths, np.arange(5) / 10)
    and len(free) == 11
    and np.allclose(free, [0, *middles])
)
sys.exit(0 if holds else 1)
PYTHON
