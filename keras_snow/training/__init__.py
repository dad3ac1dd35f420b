"""Training a method on a task, from the first check to the saved model."""

from keras_snow.core.host_values import on_this_host
from keras_snow.training.hosts import Hosts
from keras_snow.training.hosts import join_hosts
from keras_snow.training.hosts import this_host
from keras_snow.training.options import TrainingOptions
from keras_snow.training.saved_run import load_run
from keras_snow.training.strategy import Placement
from keras_snow.training.strategy import choose_placement
from keras_snow.training.train import train

__all__ = [
    "Hosts",
    "Placement",
    "TrainingOptions",
    "choose_placement",
    "join_hosts",
    "load_run",
    "on_this_host",
    "this_host",
    "train",
]
