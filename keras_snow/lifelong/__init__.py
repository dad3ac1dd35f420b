"""Tasks learned one after another, and told apart when nobody says."""

from keras_snow.lifelong.learn import learn
from keras_snow.lifelong.methods import sequence_methods
from keras_snow.lifelong.options import LifelongOptions

__all__ = [
    "LifelongOptions",
    "learn",
    "sequence_methods",
]
