"""Pure functions of numbers that were measured."""

from keras_snow.metrics.channel_statistics import ChannelStatistics
from keras_snow.metrics.confidence_interval import confidence_interval
from keras_snow.metrics.confusion_matrix import confusion_matrix
from keras_snow.metrics.mistakes import list_mistakes
from keras_snow.metrics.selection_overlap import chance_overlap
from keras_snow.metrics.selection_overlap import jaccard
from keras_snow.metrics.selection_overlap import overlap_matrix

__all__ = [
    "ChannelStatistics",
    "chance_overlap",
    "confidence_interval",
    "confusion_matrix",
    "jaccard",
    "list_mistakes",
    "overlap_matrix",
]
