"""Figures, drawn from arrays and plain data."""

from keras_snow.visualization.mistakes import save_mistakes
from keras_snow.visualization.training_curves import save_training_curves

__all__ = ["save_mistakes", "save_training_curves"]
