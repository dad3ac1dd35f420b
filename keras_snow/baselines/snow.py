"""SNOW as a method among others."""

from typing import Any

import keras

from keras_snow.baselines.methods import register_method
from keras_snow.models.snow_model import SNOWModel
from keras_snow.sources.source import Source


@register_method("snow", paper_rate=1.0, shares_pass=True)
def snow(source: Source, num_classes: int, **settings: Any) -> keras.Model:
    """A delta with channel pooling beside the frozen source.

    Args:
        source: The source.
        num_classes: Number of classes.
        **settings: Those of `DeltaSettings`.
    """
    return SNOWModel.from_source(source, num_classes, **settings)
