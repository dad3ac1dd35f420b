"""KerasTuner: a trial of ours, a search that learns, and the hypermodel."""

import keras
import keras_tuner
import tiny

from keras_snow.tuning import SNOWHyperModel
from keras_snow.tuning import TrialTable


class Parabola(keras_tuner.BayesianOptimization):
    """Two trials are random; then KerasTuner needs all that it may need."""

    def run_trial(self, trial, *args, **kwargs):
        """Returns what is lowest at 0.3."""
        return (trial.hyperparameters.Float("x", 0.0, 1.0) - 0.3) ** 2


tiny.draw()
tiny.snow(
    *("tune", "images", *tiny.TRAINING, "--tuner", "bayesian"),
    *("--search", "binding", "--max-trials", 1, "--out", "search"),
)
table = TrialTable("search")
assert table.best_row["status"] == "COMPLETED"
assert isinstance(table.best()[0], keras.Model)
search = Parabola(max_trials=5, num_initial_points=2, directory="parabola")
search.search()
assert len(search.oracle.trials) == 5
chosen = keras_tuner.HyperParameters()
model = SNOWHyperModel("small.keras", num_classes=2).build(chosen)
assert model.output_shape == (None, 2)
assert chosen.values
