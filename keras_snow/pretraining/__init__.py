"""Making sources: networks are trained, and their bodies kept for others."""

from keras_snow.pretraining.labels import Labels
from keras_snow.pretraining.pretext import PRETEXTS
from keras_snow.pretraining.pretext import Pretext
from keras_snow.pretraining.pretext import make_pretext
from keras_snow.pretraining.pretrain import pretrain

__all__ = ["PRETEXTS", "Labels", "Pretext", "make_pretext", "pretrain"]
