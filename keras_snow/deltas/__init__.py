"""Deltas: the small trained networks of single tasks."""

from keras_snow.deltas.delta import Delta
from keras_snow.deltas.resnet_delta import ResNetDelta
from keras_snow.deltas.settings import DeltaSettings
from keras_snow.deltas.source_filters import start_from_source

__all__ = ["Delta", "DeltaSettings", "ResNetDelta", "start_from_source"]
