"""What a trained model reaches, and what it costs."""

from keras_snow.evaluation.accuracy import evaluate
from keras_snow.evaluation.cost import cost

__all__ = ["cost", "evaluate"]
