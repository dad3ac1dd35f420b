"""Pure functions of numbers that were measured."""

from keras_snow.metrics.confidence_interval import confidence_interval

__all__ = ["confidence_interval"]
