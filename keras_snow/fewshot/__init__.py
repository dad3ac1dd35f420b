"""Few images: prototypes on all taps, scored over episodes, served."""

from typing import TYPE_CHECKING

from keras_snow.core.on_use import load_on_use

if TYPE_CHECKING:
    from keras_snow.fewshot.class_split import ClassSplit as ClassSplit
    from keras_snow.fewshot.feature_rule import FeatureRule as FeatureRule
    from keras_snow.fewshot.feature_rule import make_rule as make_rule
    from keras_snow.fewshot.learned_distance import (
        LearnedDistance as LearnedDistance,
    )
    from keras_snow.fewshot.options import FewShotOptions as FewShotOptions
    from keras_snow.fewshot.photographs import (
        PrototypeReport as PrototypeReport,
    )
    from keras_snow.fewshot.photographs import (
        prototype_delta as prototype_delta,
    )
    from keras_snow.fewshot.pool import Pool as Pool
    from keras_snow.fewshot.pool import pool_features as pool_features
    from keras_snow.fewshot.scoring import score_episodes as score_episodes
    from keras_snow.fewshot.study import Learned as Learned
    from keras_snow.fewshot.study import few_shot as few_shot

_HOMES = {
    "few_shot": "study",
    "FewShotOptions": "options",
    "Learned": "study",
    "prototype_delta": "photographs",
    "PrototypeReport": "photographs",
    "ClassSplit": "class_split",
    "Pool": "pool",
    "pool_features": "pool",
    "FeatureRule": "feature_rule",
    "make_rule": "feature_rule",
    "score_episodes": "scoring",
    "LearnedDistance": "learned_distance",
}

__all__ = [*_HOMES]

__getattr__, __dir__ = load_on_use(__name__, _HOMES)
