"""What tells a frozen network from another."""

import hashlib
import json
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.layers.token_map import TokenMap

# What layers without weights do to the pixels.
_OF_PIXELS = {
    "Preprocessing": ["mode"],
    "Rescaling": ["scale", "offset"],
    "Normalization": ["mean", "variance", "invert"],
}
# Of a layer's configuration, what changes its answers and no weight's shape.
_OF_ANSWERS = {
    "activation",
    "alpha",
    "approximate",
    "axis",
    "cropping",
    "dilation_rate",
    "epsilon",
    "grid",
    "groups",
    "interpolation",
    "max_value",
    "negative_slope",
    "padding",
    "pool_size",
    "scale",
    "size",
    "strides",
    "threshold",
}


def fingerprint_of(network: keras.Model) -> str:
    """Returns a SHA-256 over weights, preprocessing, layers and operations.

    Names of layers don't count; they may come from Keras' counters. Nor does
    the order in which a graph lists its layers, which saving may change.

    Args:
        network: A functional model.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> one, other = (
        ...     keras.Model(image, keras.layers.MaxPooling2D(2, strides)(image))
        ...     for strides in (1, 2)
        ... )
        >>> fingerprint_of(one) == fingerprint_of(other)
        False
    """
    digests = sorted(_digest(weight) for weight in network.weights)
    digests += describe_preprocessing(network)
    # How many layers of tokens are laid out depends on the taps.
    told = {_describe(x) for x in network.layers if isinstance(x, TokenMap)}
    digests += sorted(
        [_describe(x) for x in network.layers if not isinstance(x, TokenMap)]
        + list(told)
    )
    digests += sorted(
        _describe_call(node)
        for nodes in network._nodes_by_depth.values()
        for node in nodes
        if not isinstance(node.operation, keras.layers.Layer)
    )
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def describe_preprocessing(network: keras.Model) -> list[str]:
    """Returns what a network's own layers do to the raw pixels, in words.

    Args:
        network: A functional model.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> scaled = keras.layers.Rescaling(1 / 255)(image)
        >>> describe_preprocessing(keras.Model(image, scaled))
        ['scale=0.00392157', 'offset=0.0']
    """
    return [
        f"{name}={_plain(config[name])}"
        for layer in network.layers
        if (names := _OF_PIXELS.get(type(layer).__name__))
        for config in (layer.get_config(),)
        for name in names
    ]


def _describe(layer: keras.layers.Layer) -> str:
    config = layer.get_config()
    known = {
        name: _plain(config[name]) for name in config if name in _OF_ANSWERS
    }
    return f"{type(layer).__name__}{json.dumps(known, sort_keys=True)}"


def _describe_call(node: Any) -> str:
    """Describes an operation without a layer: `image / 255`."""
    arguments = keras.tree.flatten([node.arguments.args, node.arguments.kwargs])
    read = [
        "*" if isinstance(value, keras.KerasTensor) else _plain(value)
        for value in arguments
        if value is not None
    ]
    return f"{type(node.operation).__name__}{read}"


def _plain(value: Any) -> Any:
    """Returns a setting as it is before and after saving alike."""
    if isinstance(value, dict):  # An object that Keras has written out.
        parts = value.get("config", {})
        if isinstance(parts, dict):
            parts = {k: _plain(parts[k]) for k in parts if k in _OF_ANSWERS}
        return [str(value.get("class_name")), parts]
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (str, bool)):
        return value
    try:
        found = np.asarray(ops.convert_to_numpy(value), "float32")
    except (TypeError, ValueError):
        return str(value)
    # Fewer digits than float32 has: a file may keep more or fewer than memory.
    digits = [float(f"{number:.6g}") for number in found.ravel()]
    return digits[0] if len(digits) == 1 else digits


def _digest(weight: Any) -> str:
    value = np.ascontiguousarray(ops.convert_to_numpy(weight))
    digest = hashlib.sha256(f"{value.shape}{value.dtype}".encode())
    digest.update(value.tobytes())
    return digest.hexdigest()
