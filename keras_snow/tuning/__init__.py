"""Finding good settings: sweeps, searches, and what a setting is worth."""

from keras_snow.tuning.dimension import SPACE
from keras_snow.tuning.dimension import Dimension
from keras_snow.tuning.dimension import choose_space
from keras_snow.tuning.sweep import sweep
from keras_snow.tuning.sweep_options import SweepOptions
from keras_snow.tuning.trial_table import TrialTable
from keras_snow.tuning.tune import tune
from keras_snow.tuning.tune_options import TuneOptions

__all__ = [
    "SPACE",
    "Dimension",
    "SNOWHyperModel",
    "SweepOptions",
    "TrialTable",
    "TuneOptions",
    "choose_space",
    "sweep",
    "tune",
]


def __getattr__(name: str) -> object:
    """Loads what needs KerasTuner when it is asked for."""
    if name != "SNOWHyperModel":
        raise AttributeError(f"{__name__!r} has no attribute {name!r}")
    from keras_snow.tuning.snow_hyper_model import SNOWHyperModel

    return SNOWHyperModel
