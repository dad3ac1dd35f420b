"""The maps that an image leaves in a network, and its first filters."""

import dataclasses
from typing import Any

import keras
import numpy as np
from keras import layers
from keras import ops

from keras_snow.core.registry import nearest_names
from keras_snow.sources.graph import named_nodes
from keras_snow.sources.graph import node_of
from keras_snow.sources.graph import outputs_of

_RECTIFIERS = (layers.ReLU, layers.Activation, layers.LeakyReLU)


@dataclasses.dataclass(frozen=True)
class Activations:
    """Maps before and after an activation function.

    Args:
        layer: Name of the layer that applies it.
        before: `(height, width, channels)`.
        after: The same.

    Examples:
        >>> maps = np.array([[[-1.0, 2.0]]])
        >>> Activations("relu", maps, maps.clip(0)).after.tolist()
        [[[0.0, 2.0]]]
    """

    layer: str
    before: np.ndarray
    after: np.ndarray


def activations(
    network: keras.Model, image: np.ndarray, name: str
) -> Activations:
    """Computes the maps of a layer before and after its activation function.

    The function is that of the layer itself, or of the nearest layer before it
    on a straight way (a pooling, a dropout between them does not matter), or
    else of the layer behind it. Without any, the maps are rectified here.

    Args:
        network: A functional model that takes raw RGB.
        image: Raw RGB, `(height, width, 3)`.
        name: A layer with image-shaped output, such as a tap.

    Raises:
        ValueError: If there is no such layer; names the nearest.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = layers.Conv2D(8, 3, activation="relu", name="first")(image)
        >>> network = keras.Model(image, maps)
        >>> found = activations(network, np.ones((9, 9, 3)), "first")
        >>> found.layer, bool((found.after == found.before.clip(0)).all())
        ('first', True)
    """
    outputs = outputs_of(network)
    nodes = named_nodes(network)
    known = [
        x for x in nodes if nodes[x].input_tensors and _is_maps(outputs[x])
    ]
    if name not in known:
        text = nearest_names(name, known)
        raise ValueError(
            "The network has no such layer with maps. "
            f"{text if len(known) <= 20 else text.split(' Known:')[0]} "
            f"Received: tap={name!r}"
        )
    found = _function_before(nodes, name) or _function_behind(nodes, name)
    found = found or name
    operation = nodes[found].operation
    given = nodes[found].input_tensors
    model = keras.Model(network.inputs, [given[0], outputs[found]])
    pixels = ops.convert_to_tensor(np.asarray(image, "float32")[None])
    before, after = model(pixels, training=False)
    if not isinstance(operation, _RECTIFIERS):
        # What a convolution gives without the function that is part of it.
        if _is_fused(operation):
            before = _without_function(operation)(before)
        else:
            before, after = after, ops.relu(after)
    return Activations(found, *(_plain(maps) for maps in (before, after)))


def first_filters(network: keras.Model) -> np.ndarray:
    """Returns the kernel of the convolution that reads the image.

    A network that turns RGB into BGR has its kernel turned back, so that a red
    filter is red.

    Args:
        network: A functional model that takes raw RGB.

    Returns:
        `(height, width, 3, filters)`, in the order R, G, B.

    Raises:
        ValueError: If there is no such convolution.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> network = keras.Model(image, layers.Conv2D(8, 5)(image))
        >>> first_filters(network).shape
        (5, 5, 3, 8)
    """
    for layer in network.layers:
        if isinstance(layer, layers.Conv2D):
            kernel = ops.convert_to_numpy(layer.kernel)
            if kernel.shape[2] != 3:
                break
            return kernel[:, :, ::-1] if _is_reversed(network) else kernel
    raise ValueError(
        "This network has no convolution that reads the three colours. "
        f"Received: network={network.name!r}"
    )


def _is_maps(output):
    return len(getattr(output, "shape", ())) == 4


def _is_reversed(network):
    modes = [getattr(layer, "mode", None) for layer in network.layers]
    return "caffe" in modes


def _function_before(nodes, name):
    """Walks towards the image while there is one way, up to a function."""
    while name in nodes and len(nodes[name].input_tensors) == 1:
        operation = nodes[name].operation
        if isinstance(operation, _RECTIFIERS) or _is_fused(operation):
            return name
        if operation is not None and operation.weights:
            return None
        name = _writer(nodes, nodes[name].input_tensors[0])
    return None


def _function_behind(nodes, name):
    """Walks on through a normalisation, if there is one way."""
    for _ in range(2):
        readers = [
            reader
            for reader, node in nodes.items()
            if name in [_writer(nodes, each) for each in node.input_tensors]
        ]
        if len(readers) != 1:
            return None
        operation = nodes[readers[0]].operation
        if isinstance(operation, _RECTIFIERS):
            return readers[0]
        if not isinstance(operation, layers.BatchNormalization):
            return None
        name = readers[0]
    return None


def _writer(nodes, tensor):
    """Returns the name of the node that gave a tensor; None from outside."""
    writer = node_of(tensor)
    return next((name for name, each in nodes.items() if each is writer), None)


def _is_fused(operation):
    function = getattr(operation, "activation", None)
    return function is not None and function is not keras.activations.linear


def _without_function(layer: Any) -> Any:
    copy = type(layer).from_config(
        {**layer.get_config(), "activation": "linear"}
    )
    copy.build(layer._build_shapes_dict["input_shape"])
    copy.set_weights(layer.get_weights())
    return copy


def _plain(maps):
    return ops.convert_to_numpy(maps)[0].astype("float32")
