"""Finding good settings: sweeps, searches, and what a setting is worth."""

from keras_snow.tuning.sweep import sweep
from keras_snow.tuning.sweep_options import SweepOptions

__all__ = ["SweepOptions", "sweep"]
