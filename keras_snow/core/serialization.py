"""The one name under which Keras finds our classes again."""

import keras

PACKAGE = "keras_snow"
serializable = keras.saving.register_keras_serializable(package=PACKAGE)
"""Class decorator: the class loads back without `custom_objects`."""
