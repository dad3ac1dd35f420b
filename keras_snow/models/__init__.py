"""SNOWModel: a source and a delta in one Keras model."""

from keras_snow.models.classifier import Classifier
from keras_snow.models.snow_model import SNOWModel

__all__ = ["Classifier", "SNOWModel"]
