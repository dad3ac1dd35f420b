"""The one name under which Keras finds our classes again."""

import keras

serializable = keras.saving.register_keras_serializable(package="keras_snow")
"""Class decorator: the class loads back without `custom_objects`."""
