"""SavedModelRuntime: TensorFlow answers."""

import os
from collections.abc import Sequence

import numpy as np

from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.serving.runtimes.runtime import pad_to_power


class SavedModelRuntime(Runtime):
    """Answers from a SavedModel, its variables made constants.

    Args:
        path: The folder.
        compiled: Whether XLA compiles it, anew for each power of two of
            images.

    Raises:
        OSError: If there is no SavedModel in it.

    Examples:
        >>> SavedModelRuntime("no_such_folder")
        Traceback (most recent call last):
        ...
        OSError: ...
    """

    def __init__(
        self, path: str | os.PathLike[str], compiled: bool = False
    ) -> None:
        import tensorflow as tf
        from tensorflow.python.framework import convert_to_constants

        loaded = tf.saved_model.load(os.fspath(path))
        signature = loaded.signatures["serving_default"]
        freeze = convert_to_constants.convert_variables_to_constants_v2
        frozen = freeze(signature)
        self._function = (
            tf.function(frozen, jit_compile=True) if compiled else frozen
        )
        self._compiled = compiled
        self._image_shape = frozen.inputs[0].shape.as_list()[1:]
        # A flat list of a dict has the order of its sorted keys.
        super().__init__(sorted(signature.structured_outputs))

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Answers a batch.

        Args:
            images: As of `Runtime`.
        """
        import tensorflow as tf

        batch = pad_to_power(images) if self._compiled else images
        found = self._function(tf.constant(batch))
        return {
            name: values.numpy()[: len(images)]
            for name, values in zip(self.outputs, found, strict=True)
        }

    def prepare(self, batch_sizes: Sequence[int]) -> None:
        """Compiles for each size, if XLA compiles.

        Args:
            batch_sizes: As of `Runtime`.
        """
        if self._compiled:
            self._call_once(batch_sizes, self._image_shape)
