"""Serving: many tasks on one pass of one source."""

from keras_snow.serving.bundle import Bundle
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.deviation import measure_deviation
from keras_snow.serving.exported import Exported
from keras_snow.serving.exported import export
from keras_snow.serving.fold import fold
from keras_snow.serving.fold import fold_deltas

__all__ = [
    "Bundle",
    "BundledTask",
    "Exported",
    "export",
    "fold",
    "fold_deltas",
    "measure_deviation",
]
