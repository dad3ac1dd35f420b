"""Serving: many tasks on one pass of one source."""

from keras_snow.serving.bundle import Bundle
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.fold import fold
from keras_snow.serving.fold import fold_deltas

__all__ = ["Bundle", "BundledTask", "fold", "fold_deltas"]
