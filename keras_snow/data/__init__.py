"""Tasks: images, labels, classes and splits; and batches made of them."""

from keras_snow.data.augmentation import evaluation_crop
from keras_snow.data.augmentation import evaluation_image
from keras_snow.data.batches import Batches
from keras_snow.data.catalogue import load_task
from keras_snow.data.catalogue import load_tasks
from keras_snow.data.decode import read_image
from keras_snow.data.episodes import Episodes
from keras_snow.data.episodes import EpisodeSampler
from keras_snow.data.episodes import EpisodeShape
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.pipeline import training_batches
from keras_snow.data.split import Split
from keras_snow.data.splitting import HeldOut
from keras_snow.data.summary import summarise_task
from keras_snow.data.task import Task

__all__ = [
    "Batches",
    "EpisodeSampler",
    "EpisodeShape",
    "Episodes",
    "HeldOut",
    "Split",
    "Task",
    "evaluation_batches",
    "evaluation_crop",
    "evaluation_image",
    "load_task",
    "load_tasks",
    "read_image",
    "summarise_task",
    "training_batches",
]
