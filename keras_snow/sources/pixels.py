"""What a network does to raw pixels before its first weights."""

from typing import Any

import keras

from keras_snow.layers.preprocessing import Preprocessing
from keras_snow.sources.graph import nodes_of

ALONE = (
    "Warning: the source takes pixels from 0 to 255 as they are. If it was "
    "trained on scaled ones, say how they were scaled with `--input-scale` "
    "(`input_scale=`): 0..1, -1..1, caffe, tf, torch, or a factor such as 1/64."
)
_FAMILIES = {
    "none": "",
    "caffe": "RGB to BGR, ImageNet's means taken off (`caffe`)",
    "tf": "to -1..1 (`tf`)",
    "torch": "normalised by ImageNet's means and deviations (`torch`)",
}
_WORDS = {
    "Divide": "divided by",
    "TrueDivide": "divided by",
    "Multiply": "times",
    "Subtract": "minus",
    "Add": "plus",
}
_SILENT = {"Cast": "", "GetItem": "channels in another order"}


def tell_pixels(network: keras.Model) -> str:
    """Says in a line what a network does with pixels; warns if nothing.

    Args:
        network: A functional model of raw RGB.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> scaled = keras.layers.Rescaling(1 / 255)(image)
        >>> tell_pixels(keras.Model(image, scaled))
        'pixels: times 0.00392157'
    """
    does = describe_pixels(network)
    return f"pixels: {'; '.join(does)}" if does else ALONE


def describe_pixels(network: keras.Model) -> list[str]:
    """Returns what a network does to raw pixels, step by step.

    Args:
        network: A functional model of raw RGB.

    Returns:
        Nothing if pixels reach the first weights, or a fork, as they are.
    """
    nodes = nodes_of(network)
    found: list[str] = []
    (tensor,) = network.inputs
    while True:
        readers = [
            node
            for node in nodes
            if any(each is tensor for each in node.input_tensors)
        ]
        if len(readers) != 1:
            return found
        (node,) = readers
        words = _describe(node)
        if words is None or len(node.output_tensors) != 1:
            return found
        found += [words] if words else []
        (tensor,) = node.output_tensors


def _describe(node: Any) -> str | None:
    """Returns words, or none of what moves no value; None at weights."""
    operation = node.operation
    if isinstance(operation, Preprocessing):
        mode = operation.mode
        word = "to" if ".." in mode else "times"
        return _FAMILIES.get(mode, f"{word} {mode}")
    if isinstance(operation, keras.layers.Rescaling):
        offset = _short(operation.offset)
        plus = "" if offset == "0" else f", plus {offset}"
        return f"times {_short(operation.scale)}{plus}"
    if isinstance(operation, keras.layers.Normalization):
        return "normalised by mean and variance"
    if isinstance(operation, keras.layers.BatchNormalization):
        return "batch normalisation"
    if isinstance(operation, keras.layers.Layer):
        if operation.weights:
            return None
        # A layer of one's own may do anything.
        own = not type(operation).__module__.startswith("keras.")
        return f"`{operation.name}`" if own else ""
    kind = type(operation).__name__
    if kind in _SILENT:
        return _SILENT[kind]
    pixels, *given = [
        value
        for value in keras.tree.flatten(
            [node.arguments.args, node.arguments.kwargs]
        )
        if value is not None
    ]
    known = _WORDS if isinstance(pixels, keras.KerasTensor) else {}
    words = known.get(kind, kind), ", ".join(map(_short, given))
    return " ".join(words).strip()


def _short(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"({', '.join(map(_short, value))})"
    try:
        return f"{float(value):.6g}"
    except (TypeError, ValueError):
        return str(value)
