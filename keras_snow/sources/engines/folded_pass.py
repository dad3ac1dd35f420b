"""FoldedPass: runs a frozen network with its normalizations folded away."""

import functools
import inspect
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers
from keras import ops

from keras_snow.layers.token_map import TokenMap
from keras_snow.sources.engines.folds import find_folds

# Exact enough in bfloat16, and without weights.
_LIGHT = (
    layers.ReLU,
    layers.LeakyReLU,
    layers.Activation,
    layers.Add,
    layers.Subtract,
    layers.Multiply,
    layers.Maximum,
    layers.Concatenate,
    layers.ZeroPadding2D,
    layers.Cropping2D,
    layers.MaxPooling2D,
    layers.Reshape,
    layers.Permute,
    layers.Flatten,
    layers.Identity,
    layers.Dropout,
    layers.SpatialDropout2D,
    TokenMap,
)


class FoldedPass:
    """Gives what a frozen network gives, from images, faster.

    Kernels absorb the batch normalizations beside them. In `"bfloat16"` the
    convolutions multiply in bfloat16 and sum in float32; what has weights that
    no kernel absorbs is computed in float32.

    On TensorFlow the folded kernels are made once and again when the network's
    weights have changed. JAX folds them within the compiled step, where the
    weights are arguments.

    Args:
        network: A functional model with one input.
        dtype: `"float32"` or `"bfloat16"`, of the products.

    Call arguments:
        - `images`: What the network takes.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> x = keras.layers.Conv2D(4, 3)(image)
        >>> network = keras.Model(image, keras.layers.BatchNormalization()(x))
        >>> maps = FoldedPass(network, "bfloat16")(np.ones((1, 8, 8, 3)))
        >>> keras.backend.standardize_dtype(maps.dtype)
        'bfloat16'
    """

    def __init__(self, network: keras.Model, dtype: str = "float32") -> None:
        self.network = network
        self.engine = dtype
        self._folds = find_folds(network)
        self._key: Any = None
        self._kept: list[tuple[Any, Any]] = []
        self._compiled: Any = None

    def __call__(self, images: Any) -> Any:
        images = ops.convert_to_tensor(images, self.network.inputs[0].dtype)
        if keras.backend.backend() != "tensorflow":
            return self._run(images, self._fold())
        import tensorflow as tf

        if tf.distribute.get_strategy().num_replicas_in_sync > 1:
            # Constants of one device can't be read by the others.
            return self.network(images, training=False)
        with tf.init_scope():
            self.refresh()
        if tf.executing_eagerly():
            return self._compiled(images)
        return self._run(images, self._kept)

    def as_constants(self) -> Callable[[Any], Any]:
        """Returns the same pass with its kernels as numbers of the graph.

        Exporters take tensors that a graph refers to for inputs of it.
        """
        numbers = [
            tuple(
                None if part is None else ops.convert_to_numpy(part)
                for part in weights
            )
            for weights in self._fold()
        ]
        return lambda images: self._run(images, numbers)

    def refresh(self) -> bool:
        """Folds anew if the weights have changed, on TensorFlow.

        Returns:
            Whether functions that were traced before hold outdated kernels.
        """
        if keras.backend.backend() != "tensorflow":
            return False
        import tensorflow as tf

        key = _key_of(self.network)
        if key == self._key:
            return False
        was_traced, self._key = self._key is not None, key
        self._kept = self._fold()
        # TensorFlow counts the traces of all functions with the same code, and
        # warns; a partial has none.
        self._compiled = tf.function(
            functools.partial(self._run, folded=self._kept),
            reduce_retracing=True,
            autograph=False,
        )
        return was_traced

    def _fold(self) -> list[tuple[Any, Any]]:
        folded = []
        for fold in self._folds:
            kernel, bias = fold.weights()
            if bias is not None:
                bias = ops.cast(bias, self.engine)
            folded.append((ops.cast(kernel, self.engine), bias))
        return folded

    def _run(self, images: Any, folded: Sequence[tuple[Any, ...]]) -> Any:
        known: dict[Any, Callable[..., Any]] = {}
        for fold, (kernel, bias) in zip(self._folds, folded, strict=True):
            known[fold.layer] = _product(fold.layer, kernel, bias)
            for absorbed in (fold.before, fold.after):
                known[absorbed] = _unchanged
        found = self.network._run_through_graph(
            [images],
            operation_fn=lambda x: known.get(x) or self._unfolded(x),
        )
        is_one = isinstance(found, list) and len(found) == 1
        return found[0] if is_one else found

    def _unfolded(self, operation: Any) -> Callable[..., Any]:
        """Returns what computes an operation in inference mode."""
        if not isinstance(operation, layers.Layer):
            return operation
        function = operation
        if self.engine != "float32" and type(operation) in _LIGHT:
            # Keras' own `__call__` would cast to the layer's float32.
            function = operation.call
        if "training" not in inspect.signature(operation.call).parameters:
            return function
        return lambda *args, **kwargs: function(
            *args, **{**kwargs, "training": False}
        )


def _product(layer: Any, kernel: Any, bias: Any) -> Callable[[Any], Any]:
    """Returns what a layer computes with another kernel and bias."""

    def multiply(inputs: Any) -> Any:
        if isinstance(layer, layers.Dense):
            return ops.matmul(inputs, kernel)
        if not isinstance(layer, layers.DepthwiseConv2D):
            return layer.convolution_op(inputs, kernel)
        return ops.depthwise_conv(
            inputs,
            kernel,
            strides=layer.strides,
            padding=layer.padding,
            dilation_rate=layer.dilation_rate,
        )

    def call(inputs: Any, **_: Any) -> Any:
        outputs = multiply(ops.cast(inputs, kernel.dtype))
        if bias is not None:
            outputs = add_bias(outputs, bias)
        return layer.activation(outputs)

    return call


def _unchanged(inputs: Any, **_: Any) -> Any:
    return inputs


def add_bias(outputs: Any, bias: Any) -> Any:
    """Adds a bias of each channel, which is the last axis.

    Args:
        outputs: Of a product.
        bias: `(channels,)`.
    """
    if keras.backend.backend() != "tensorflow":
        return outputs + bias
    import tensorflow as tf

    # TensorFlow fuses this operation with the convolution, an addition not.
    return tf.nn.bias_add(outputs, bias)


def _key_of(network: keras.Model) -> tuple[float, ...]:
    """Returns numbers that change with any weight, or the place of one."""
    key = []
    for weight in network.weights:
        values = ops.convert_to_numpy(weight).ravel()
        places = np.arange(1, values.size + 1, dtype=values.dtype)
        key.append(float(values @ places))
    return tuple(key)
