"""Finds the batch normalizations that a neighbouring kernel can absorb."""

import dataclasses
from typing import Any

import keras
from keras import layers
from keras import ops

from keras_snow.layers.batch_normalization import BatchNormalization

# Subclasses may compute anything.
_KERNELS = (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)
_NORMALIZATIONS = (layers.BatchNormalization, BatchNormalization)


@dataclasses.dataclass(frozen=True)
class Fold:
    """A layer with a kernel and the normalizations that it absorbs.

    Args:
        layer: A convolution or a dense layer.
        before: The normalization of its inputs, if it is absorbed.
        after: The normalization of its outputs, if it is absorbed.
    """

    layer: Any
    before: Any = None
    after: Any = None

    def weights(self) -> tuple[Any, Any]:
        """Returns the folded kernel and bias, in float32.

        Returns:
            The kernel in the layer's own shape, and the bias,
            `(outputs,)`, or None.
        """
        kernel = ops.cast(self.layer.kernel, "float32")
        bias = self.layer.bias if self.layer.use_bias else None
        if self.before is not None:
            scale, shift = _affine(self.before)
            shifted = _contract(self.layer, kernel, shift)
            bias = shifted if bias is None else bias + shifted
            kernel = kernel * _over_inputs(self.layer, scale)
        if self.after is not None:
            scale, shift = _affine(self.after)
            bias = shift if bias is None else bias * scale + shift
            kernel = kernel * _over_outputs(self.layer, kernel, scale)
        return kernel, bias


def find_folds(network: keras.Model) -> list[Fold]:
    """Returns what each convolution and dense layer absorbs.

    A normalization is absorbed by the layer before it, else by the layer after
    it if that pads nothing: behind the normalization a padded zero is not the
    constant that it would be before it. What is called twice, is tapped in
    between, or is of an unknown kind stays as it is.

    Args:
        network: A functional model in inference mode.

    Returns:
        One entry for each layer whose kernel can be used as it is.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> x = keras.layers.Conv2D(4, 3, name="conv")(image)
        >>> x = keras.layers.BatchNormalization(name="bn")(x)
        >>> [(f.layer.name, f.after.name)
        ...  for f in find_folds(keras.Model(image, x))]
        [('conv', 'bn')]
    """
    graph = _Graph(network)
    known = [
        layer
        for layer in network.layers
        if has_plain_kernel(layer) and graph.is_called_once(layer)
    ]
    absorbed: dict[Any, dict[str, Any]] = {layer: {} for layer in known}
    taken = set()
    for layer in known:
        follower = graph.only_reader(layer)
        if _is_normalization(follower, graph) and _is_linear(layer):
            absorbed[layer]["after"] = follower
            taken.add(follower)
    for layer in known:
        leader = graph.only_input(layer)
        if leader in taken or not _is_normalization(leader, graph):
            continue
        if graph.only_reader(leader) is layer and _pads_nothing(layer):
            absorbed[layer]["before"] = leader
    return [Fold(layer, **found) for layer, found in absorbed.items()]


def has_plain_kernel(layer: Any) -> bool:
    """Tells whether a layer multiplies by its kernel and does nothing else.

    Args:
        layer: Any layer.
    """
    return (
        type(layer) in _KERNELS
        and getattr(layer, "quantization_mode", None) is None
        and getattr(layer, "data_format", "channels_last") == "channels_last"
    )


class _Graph:
    """Who reads whom in a functional model."""

    def __init__(self, network: keras.Model) -> None:
        self._readers: dict[int, list[Any]] = {}
        self._calls: dict[Any, int] = {}
        self._inputs: dict[Any, Any] = {}
        self._outputs = {id(tensor) for tensor in network.outputs}
        for nodes in network._nodes_by_depth.values():
            for node in nodes:
                self._add(node)

    def _add(self, node: Any) -> None:
        self._calls[node.operation] = self._calls.get(node.operation, 0) + 1
        self._inputs[node.operation] = node
        for tensor in node.input_tensors:
            self._readers.setdefault(id(tensor), []).append(node.operation)

    def is_called_once(self, operation: Any) -> bool:
        return self._calls.get(operation) == 1

    def only_reader(self, operation: Any) -> Any:
        """Returns the one operation that reads another's output, if so."""
        outputs = self._inputs[operation].output_tensors
        if len(outputs) != 1 or id(outputs[0]) in self._outputs:
            return None
        readers = self._readers.get(id(outputs[0]), [])
        return readers[0] if len(readers) == 1 else None

    def rank_of_input(self, operation: Any) -> int:
        return len(self._inputs[operation].input_tensors[0].shape)

    def only_input(self, operation: Any) -> Any:
        """Returns the operation whose output another one reads."""
        tensors = self._inputs[operation].input_tensors
        return tensors[0]._keras_history.operation if tensors else None


def _is_normalization(layer: Any, graph: _Graph) -> bool:
    return (
        type(layer) in _NORMALIZATIONS
        and graph.is_called_once(layer)
        and layer.axis in (-1, graph.rank_of_input(layer) - 1)
    )


def _is_linear(layer: Any) -> bool:
    return layer.activation in (None, keras.activations.linear)


def _pads_nothing(layer: Any) -> bool:
    if isinstance(layer, layers.Dense):
        return True
    if isinstance(layer, layers.DepthwiseConv2D):
        return False
    alone = layer.groups == 1
    return alone and (layer.padding == "valid" or set(layer.kernel_size) == {1})


def _affine(normalization: Any) -> tuple[Any, Any]:
    """Returns the scale and shift of a normalization in inference mode."""
    variance = ops.cast(normalization.moving_variance, "float32")
    scale = ops.rsqrt(variance + normalization.epsilon)
    if normalization.scale:
        scale = scale * ops.cast(normalization.gamma, "float32")
    shift = -ops.cast(normalization.moving_mean, "float32") * scale
    if normalization.center:
        shift = shift + ops.cast(normalization.beta, "float32")
    return scale, shift


def _contract(layer: Any, kernel: Any, shift: Any) -> Any:
    """Returns what a constant input of each channel adds to the outputs."""
    summed = kernel
    if not isinstance(layer, layers.Dense):
        summed = ops.sum(kernel, axis=(0, 1))
    return ops.matmul(shift, summed)


def _over_inputs(layer: Any, scale: Any) -> Any:
    rank = 2 if isinstance(layer, layers.Dense) else 4
    return ops.reshape(scale, (*[1] * (rank - 2), -1, 1))


def _over_outputs(layer: Any, kernel: Any, scale: Any) -> Any:
    if not isinstance(layer, layers.DepthwiseConv2D):
        return scale
    # (height, width, channels, multiplier): outputs are channel-major.
    return ops.reshape(scale, (1, 1, *kernel.shape[2:]))
