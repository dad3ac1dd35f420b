"""What a trained model reaches, and what it costs."""

from keras_snow.evaluation.accuracy import evaluate
from keras_snow.evaluation.activations import activations
from keras_snow.evaluation.activations import first_filters
from keras_snow.evaluation.answers import answer
from keras_snow.evaluation.confusion import confusion
from keras_snow.evaluation.cost import cost
from keras_snow.evaluation.heat_map import HeatMap
from keras_snow.evaluation.heat_map import heat_map
from keras_snow.evaluation.heat_map import heat_maps
from keras_snow.evaluation.linear_probe import linear_probe
from keras_snow.evaluation.task_selections import TaskSelections
from keras_snow.evaluation.task_selections import read_history

__all__ = [
    "HeatMap",
    "TaskSelections",
    "activations",
    "answer",
    "confusion",
    "cost",
    "evaluate",
    "first_filters",
    "heat_map",
    "heat_maps",
    "linear_probe",
    "read_history",
]
