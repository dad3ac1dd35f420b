"""JaxRuntime: JAX answers, where Keras runs on it."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.serving.runtimes.runtime import pad_to_power


class JaxRuntime(Runtime):
    """Answers by XLA, which compiles anew for each power of two of images.

    Args:
        model: A model from images to a dict of outputs, on the JAX backend.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> pooled = keras.layers.GlobalAveragePooling2D()(image)
        >>> JaxRuntime(keras.Model(image, {"mean": pooled})).outputs
        ('mean',)
    """

    def __init__(self, model: keras.Model) -> None:
        import jax

        super().__init__(list(model.output))
        trained = len(model.trainable_variables)
        order = [*model.trainable_variables, *model.non_trainable_variables]
        self._state = [variable.value for variable in order]

        def answer(values: Any, batch: Any) -> Any:
            outputs, _ = model.stateless_call(
                values[:trained], values[trained:], batch, training=False
            )
            return outputs

        self._answer = jax.jit(answer)
        self._image_shape = model.input.shape[1:]

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Answers a batch.

        Args:
            images: As of `Runtime`.
        """
        found = self._answer(self._state, pad_to_power(images))
        return {
            name: np.asarray(found[name])[: len(images)]
            for name in self.outputs
        }

    def prepare(self, batch_sizes: Sequence[int]) -> None:
        """Compiles for each size, if the model knows the size of images.

        Args:
            batch_sizes: As of `Runtime`.
        """
        self._call_once(batch_sizes, self._image_shape)
