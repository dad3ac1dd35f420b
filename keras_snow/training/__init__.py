"""Training a method on a task, from the first check to the saved model."""

from keras_snow.training.options import TrainingOptions
from keras_snow.training.saved_run import load_run
from keras_snow.training.strategy import Placement
from keras_snow.training.strategy import choose_placement
from keras_snow.training.train import train

__all__ = [
    "Placement",
    "TrainingOptions",
    "choose_placement",
    "load_run",
    "train",
]
