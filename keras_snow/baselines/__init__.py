"""Ways to learn a task, SNOW among them; one file a method."""

from keras_snow.baselines import final_only as _final_only
from keras_snow.baselines import from_scratch as _from_scratch
from keras_snow.baselines import snow as _snow
from keras_snow.baselines.methods import METHODS
from keras_snow.baselines.methods import build_method

__all__ = ["METHODS", "build_method"]

del _final_only, _from_scratch, _snow
