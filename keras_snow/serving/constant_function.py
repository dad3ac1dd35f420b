"""A model as one function of TensorFlow whose weights are constants."""

import contextlib
from typing import Any

import keras
from keras import ops

from keras_snow.recipes.traversal import layers_of
from keras_snow.serving.folded_deltas import FoldedDeltas
from keras_snow.sources.source import Source


class _Constants(keras.StatelessScope):
    """Gives the number of a variable wherever the variable is read."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[int, Any] = {}

    def get_current_value(self, variable: Any) -> Any:
        if id(variable) not in self._known:
            import tensorflow as tf

            # Read while a graph is traced.
            with tf.init_scope(), keras.device("cpu:0"):
                number = ops.convert_to_numpy(variable._value)
            self._known[id(variable)] = ops.convert_to_tensor(number)
        return self._known[id(variable)]


def constant_function(model: keras.Model) -> Any:
    """Returns a `tf.function` with one trace, and without variables.

    Converters look up each variable among all others, which takes minutes for
    a few thousand; and a tensor that the graph refers to is an input to them.
    """
    import tensorflow as tf

    image = model.input
    given = tf.TensorSpec(image.shape, image.dtype, name=image.name)
    with contextlib.ExitStack() as stack:
        for layer in layers_of(model):
            if isinstance(layer, (Source, FoldedDeltas)):
                stack.enter_context(layer.as_constants())
            if isinstance(layer, keras.layers.Normalization):
                stack.enter_context(_with_numbers(layer))

        def answer(image: Any) -> dict[str, Any]:
            with _Constants():
                logits: dict[str, Any] = model(image, training=False)
            return logits

        function = tf.function(answer, input_signature=[given], autograph=False)
        function.get_concrete_function()
    return function


@contextlib.contextmanager
def _with_numbers(layer: Any) -> Any:
    """Makes numbers of mean and variance, which are tensors but no weights."""
    found = {
        name: getattr(layer, name)
        for name in ("mean", "variance")
        if getattr(layer, name, None) is not None
    }
    try:
        for name, values in found.items():
            setattr(layer, name, ops.convert_to_numpy(values))
        yield
    finally:
        for name, values in found.items():
            setattr(layer, name, values)
