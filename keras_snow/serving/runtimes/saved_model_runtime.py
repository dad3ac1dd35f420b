"""SavedModelRuntime: TensorFlow answers."""

import os

import numpy as np

from keras_snow.serving.runtimes.runtime import Runtime


class SavedModelRuntime(Runtime):
    """Answers from a SavedModel, its variables made constants.

    Args:
        path: The folder.

    Raises:
        OSError: If there is no SavedModel in it.

    Examples:
        >>> SavedModelRuntime("no_such_folder")
        Traceback (most recent call last):
        ...
        OSError: ...
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        import tensorflow as tf
        from tensorflow.python.framework import convert_to_constants

        loaded = tf.saved_model.load(os.fspath(path))
        signature = loaded.signatures["serving_default"]
        freeze = convert_to_constants.convert_variables_to_constants_v2
        self._function = freeze(signature)
        # A flat list of a dict has the order of its sorted keys.
        super().__init__(sorted(signature.structured_outputs))

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Answers a batch.

        Args:
            images: As of `Runtime`.
        """
        import tensorflow as tf

        found = self._function(tf.constant(images))
        return {
            name: values.numpy()
            for name, values in zip(self.outputs, found, strict=True)
        }
