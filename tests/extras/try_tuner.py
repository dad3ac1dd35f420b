"""KerasTuner: a search, whose last trial is proposed; and the hypermodel."""

import keras
import keras_tuner
import tiny

from keras_snow.tuning import SNOWHyperModel
from keras_snow.tuning import TrialTable

tiny.draw()
# Bayesian optimisation asks for the most; it begins with three random trials.
tiny.snow(
    *("tune", "images", *tiny.TRAINING, "--tuner", "bayesian"),
    *("--search", "rate", "--max-trials", 4, "--out", "search"),
)
table = TrialTable("search")
assert [row["status"] for row in table.rows] == ["COMPLETED"] * 4, table.rows
assert isinstance(table.best()[0], keras.Model)
chosen = keras_tuner.HyperParameters()
model = SNOWHyperModel("small.keras", num_classes=2).build(chosen)
assert model.output_shape == (None, 2)
assert chosen.values
