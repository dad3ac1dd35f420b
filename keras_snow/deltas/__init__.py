"""Deltas: the small trained networks of single tasks."""

from keras_snow.deltas.delta import Delta
from keras_snow.deltas.resnet_delta import ResNetDelta
from keras_snow.deltas.settings import DeltaSettings

__all__ = ["Delta", "DeltaSettings", "ResNetDelta"]
