"""Making sources: networks are trained, and their bodies kept for others."""

from keras_snow.pretraining.byol import Byol
from keras_snow.pretraining.episodes import Episodes
from keras_snow.pretraining.labels import Labels
from keras_snow.pretraining.partition import Partition
from keras_snow.pretraining.pretext import PRETEXTS
from keras_snow.pretraining.pretext import Pretext
from keras_snow.pretraining.pretext import make_pretext
from keras_snow.pretraining.pretrain import pretrain

__all__ = [
    "PRETEXTS",
    "Byol",
    "Episodes",
    "Labels",
    "Partition",
    "Pretext",
    "make_pretext",
    "pretrain",
]
