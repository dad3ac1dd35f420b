"""JaxRuntime: JAX answers, where Keras runs on it."""

from typing import Any

import keras
import numpy as np

from keras_snow.serving.runtimes.runtime import Runtime


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

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Answers a batch.

        Args:
            images: As of `Runtime`.
        """
        count = len(images)
        missing = (1 << (count - 1).bit_length()) - count
        padded = np.pad(images, [(0, missing), (0, 0), (0, 0), (0, 0)])
        found = self._answer(self._state, padded)
        return {name: np.asarray(found[name])[:count] for name in self.outputs}
