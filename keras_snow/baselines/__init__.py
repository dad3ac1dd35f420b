"""Ways to learn a task, SNOW among them; one file a method."""

from keras_snow.baselines import batch_norm_tuning as _batch_norm_tuning
from keras_snow.baselines import feature_extraction as _feature_extraction
from keras_snow.baselines import final_only as _final_only
from keras_snow.baselines import fine_tuning as _fine_tuning
from keras_snow.baselines import from_scratch as _from_scratch
from keras_snow.baselines import low_rank_adaptation as _low_rank_adaptation
from keras_snow.baselines import model_patch as _model_patch
from keras_snow.baselines import partial_fine_tuning as _partial_fine_tuning
from keras_snow.baselines import progressive_net as _progressive_net
from keras_snow.baselines import snow as _snow
from keras_snow.baselines.body import Body
from keras_snow.baselines.learning_without_forgetting import (
    LearningWithoutForgetting,
)
from keras_snow.baselines.linear_probe import LinearProbe
from keras_snow.baselines.methods import METHODS
from keras_snow.baselines.methods import Method
from keras_snow.baselines.methods import build_method
from keras_snow.baselines.methods import register_method

FinalOnly = METHODS.get("fo")
"""FO: a new final layer on the frozen source."""
FeatureExtraction = METHODS.get("fe")
"""FE: the source to its third stage, a narrow fourth one, a final layer."""
FineTuning = METHODS.get("ft")
"""FT: a copy of the source, all trained."""
FromScratch = METHODS.get("scratch")
"""The source's architecture from random weights."""
ModelPatch = METHODS.get("mp_bn")
"""MP: scales and biases of the batch normalisations."""
DepthwisePatch = METHODS.get("mp_depthwise")
"""MP: a 3x3 depthwise convolution in every block."""
ProgressiveNet = METHODS.get("pn")
"""PN: a whole column a task, fed by the source."""
LoRA = METHODS.get("lora")
"""Low-rank changes of the source's convolutions."""
BatchNormTuning = METHODS.get("bn")
"""Batch normalisation alone is tuned."""
PartialFineTuning = METHODS.get("ft_last")
"""The last stage of a copy of the source is trained."""

__all__ = [
    "METHODS",
    "BatchNormTuning",
    "Body",
    "DepthwisePatch",
    "FeatureExtraction",
    "FinalOnly",
    "FineTuning",
    "FromScratch",
    "LearningWithoutForgetting",
    "LinearProbe",
    "LoRA",
    "Method",
    "ModelPatch",
    "PartialFineTuning",
    "ProgressiveNet",
    "build_method",
    "register_method",
]

del (
    _batch_norm_tuning,
    _feature_extraction,
    _final_only,
    _fine_tuning,
    _from_scratch,
    _low_rank_adaptation,
    _model_patch,
    _partial_fine_tuning,
    _progressive_net,
    _snow,
)
