"""What a trained model reaches, and what it costs."""

from keras_snow.evaluation.accuracy import evaluate
from keras_snow.evaluation.cost import cost
from keras_snow.evaluation.linear_probe import linear_probe

__all__ = ["cost", "evaluate", "linear_probe"]
