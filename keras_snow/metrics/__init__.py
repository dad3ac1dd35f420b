"""Pure functions of numbers that were measured."""

from keras_snow.metrics.channel_statistics import ChannelStatistics
from keras_snow.metrics.confidence_interval import confidence_interval
from keras_snow.metrics.mistakes import list_mistakes

__all__ = ["ChannelStatistics", "confidence_interval", "list_mistakes"]
