"""KerasTuner: all four searches, and the hypermodel in its own words."""

import keras
import keras_tuner
import numpy as np
import tiny

from keras_snow.tuning import SNOWHyperModel
from keras_snow.tuning import TrialTable

tiny.draw()
for tuner in ("random", "bayesian", "hyperband", "grid"):
    tiny.snow(
        *("tune", "images", *tiny.TRAINING, "--tuner", tuner),
        *("--search", "binding", "--max-trials", 2, "--out", tuner),
    )
    table = TrialTable(tuner)
    assert table.best_row["settings"]["binding"] in ("rows", "slots")
    assert isinstance(table.best()[0], keras.Model)
search = keras_tuner.RandomSearch(
    SNOWHyperModel("small.keras", num_classes=2),
    objective=keras_tuner.Objective("accuracy", "max"),
    max_trials=1,
)
images = np.random.default_rng(0).uniform(0, 255, (16, 32, 32, 3))
search.search(images, np.arange(16) % 2, epochs=1, verbose=0)
assert len(search.get_best_models()) == 1
