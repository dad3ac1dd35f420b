"""Copies of a source's graph in which something is changed."""

import math
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_snow.sources.block_ends import find_meeting_points
from keras_snow.sources.graph import node_of
from keras_snow.sources.graph import outputs_of
from keras_snow.sources.random_weights import draw_weights as draw_weights
from keras_snow.sources.source import Source

MAPPINGS = (
    layers.Conv2D,
    layers.DepthwiseConv2D,
    layers.SeparableConv2D,
    layers.Dense,
)
"""Layers that map maps to maps by a kernel."""

Call = Callable[[layers.Layer, Any], Any]
Clone = Callable[[layers.Layer], layers.Layer]

LEAST_CHANNELS = 8  # What is left of a thin layer, unless it had fewer.

# What says in a layer's configuration how many maps it makes.
_WIDTHS = ("filters", "units", "projection_dim")


def clone_layer(layer: layers.Layer, **changes: Any) -> layers.Layer:
    """Returns a new layer with the same configuration and new weights.

    Args:
        layer: The layer.
        **changes: What is to be different in the configuration.
    """
    copy = type(layer).from_config({**layer.get_config(), **changes})
    copy.trainable = True  # The layers of a source are frozen.
    return copy


def run_through(
    network: keras.Model,
    inputs: Any,
    clone: Clone = clone_layer,
    call: Call | None = None,
) -> Any:
    """Runs a copy of every layer of a graph on other inputs.

    Args:
        network: A functional model with one input.
        inputs: What takes the place of the image.
        clone: Makes the copy of a layer.
        call: Calls the copies of `MAPPINGS`: a function of the copy and of
            the maps. They are just called if None.

    Returns:
        What the network gives, in the same structure.

    Raises:
        ValueError: If a layer with a kernel is called several times, and
            `call` has to change it.
    """
    copies: dict[int, layers.Layer] = {}

    def operation_fn(operation: Any, **_: Any) -> Any:
        if not isinstance(operation, layers.Layer):
            return operation
        change = call if isinstance(operation, MAPPINGS) else None
        if id(operation) not in copies:
            copies[id(operation)] = clone(operation)
        elif change is not None:
            raise ValueError(
                "The method changes each call of a layer with a kernel, and "
                "the source calls this one several times. Choose another "
                f"method. Received: layer={operation.name!r}"
            )
        copy = copies[id(operation)]
        if change is None:
            return copy
        return lambda maps: change(copy, maps)

    return network._run_through_graph([inputs], operation_fn=operation_fn)


def copy_weights(
    originals: Sequence[layers.Layer], copies: Sequence[layers.Layer]
) -> None:
    """Gives copies the weights of the layers of the same name.

    Args:
        originals: The layers.
        copies: Their copies; others among them are left as they are.
    """
    by_name = {layer.name: layer for layer in originals}
    for copy in copies:
        if copy.weights and copy.name in by_name:
            copy.set_weights(by_name[copy.name].get_weights())


def rebuild_network(source: Source, call: Call | None = None) -> keras.Model:
    """Returns the source's network up to its last tap, with new weights.

    Layers that hold constants (normalisation of the pixels) keep them.

    Args:
        source: The source.
        call: As of `run_through`.

    Returns:
        A functional model from the image to the maps of the last tap.
    """
    last = source.select([source.taps[-1].name]).network
    image = keras.Input(last.inputs[0].shape[1:], name="image")
    (maps,) = run_through(last, image, call=call).values()
    network = keras.Model(image, maps, name="network")
    constants = [x for x in last.layers if isinstance(x, layers.Normalization)]
    copy_weights(constants, network.layers)
    return network


def copy_network(source: Source, call: Call | None = None) -> keras.Model:
    """As `rebuild_network`, with the values of the source's weights.

    Args:
        source: The source.
        call: As of `run_through`.
    """
    network = rebuild_network(source, call)
    copy_weights(source.network.layers, network.layers)
    return network


def clone_network(network: keras.Model) -> keras.Model:
    """Returns an equal network with weights of its own.

    Args:
        network: A functional model with one input.
    """
    image = keras.Input(network.inputs[0].shape[1:], name="image")
    copy = keras.Model(image, run_through(network, image), name=network.name)
    copy_weights(network.layers, copy.layers)
    return copy


def third_stage_end(source: Source) -> str:
    """Returns the name of the layer behind which the last stage begins.

    A stage begins where the maps get smaller, or one block later where the
    last block of a stage makes them smaller (the second version of ResNet).

    Args:
        source: The source.

    Raises:
        ValueError: If the source has one stage only.
    """
    taps = source.taps
    ends = [i for i, tap in enumerate(taps) if tap.stride < taps[-1].stride]
    if not ends:
        raise ValueError(
            "The source has no stage that could be told from the last one: "
            "none of its taps has larger maps than the last. Tap earlier "
            f"layers, too. Received: taps={[tap.name for tap in taps]}"
        )
    same = end = ends[-1]
    while (
        same + 1 < len(taps) and taps[same + 1].channels == taps[end].channels
    ):
        same += 1
    tap = taps[end if same + 1 == len(taps) else same]
    return _last_sum(source.network, tap)


def _last_sum(network, tap):
    """Returns the last layer that ends a block of the tap's stage.

    Where no path leads around the next block, its beginning is no tap.
    """
    outputs = outputs_of(network)
    size = (tap.channels, tap.stride)
    ends = [
        point.name
        for point in find_meeting_points(network)
        if (point.channels, point.stride) == size
        and (point.name == tap.name or _is_sum(outputs[point.name]))
    ]
    return ends[-1] if ends else tap.name


def _is_sum(tensor):
    """Whether several tensors are joined here, or in what is named here."""
    inputs = _inputs_of(tensor)
    if isinstance(tensor._keras_history.operation, layers.Identity):
        inputs = _inputs_of(inputs[0])
    return len(inputs) > 1


def _inputs_of(tensor):
    return node_of(tensor).input_tensors


def network_between(source: Source, start: str, end: str) -> keras.Model:
    """Returns the part of a source's network behind one tap, to another.

    Args:
        source: The source.
        start: Name of the tap whose maps are the part's input.
        end: Name of the tap that it ends with.

    Raises:
        ValueError: If paths of the graph lead around the first tap.
    """
    outputs = outputs_of(source.network)
    try:
        return keras.Model(outputs[start], outputs[end])
    except ValueError as error:
        raise ValueError(
            "The source cannot be cut behind this tap, as paths lead around "
            f"it. Received: tap={start!r}"
        ) from error


def clone_thin(layer: layers.Layer, width: float, prefix: str) -> layers.Layer:
    """Returns a new layer with a share of the maps.

    Args:
        layer: The layer; one that makes as many maps as it reads is copied.
        width: The share.
        prefix: Put before its name.
    """
    if isinstance(layer, keras.Sequential):
        inner = [clone_thin(x, width, prefix) for x in layer.layers]
        return keras.Sequential(inner, name=f"{prefix}{layer.name}")
    config = layer.get_config()
    changes: dict[str, Any] = {"name": f"{prefix}{layer.name}"}
    for name in _WIDTHS:
        if isinstance(config.get(name), int):
            changes[name] = _thin(config[name], width)
    if "filters" in changes and config.get("groups", 1) > 1:
        changes["groups"] = math.gcd(config["groups"], changes["filters"])
    if config.get("target_shape"):
        *sides, channels = config["target_shape"]
        changes["target_shape"] = (*sides, _thin(channels, width))
    return clone_layer(layer, **changes)


def _thin(channels, width):
    return min(channels, max(LEAST_CHANNELS, round(width * channels)))


def find_normalisations(network: keras.Model, source_name: str) -> list[str]:
    """Returns the names of the batch normalisations of a network.

    Args:
        network: A functional model.
        source_name: Name of the source that it was made of, for the message.

    Raises:
        ValueError: If it has none that could be trained.
    """
    names = [
        layer.name
        for layer in network.layers
        if isinstance(layer, layers.BatchNormalization) and layer.weights
    ]
    if not names:
        raise ValueError(
            "The source has no batch normalisation, so there is nothing to "
            f"tune. Choose another method. Received: source={source_name!r}"
        )
    return names


def main_path(network: keras.Model) -> list[str]:
    """Returns the names of the layers on the longest path, in its order.

    Shortcuts are not on it, be they projections or not.

    Args:
        network: A functional model with one input and one output.
    """
    writers: dict[int, Any] = {}
    lengths: dict[int, int] = {}
    for depth in sorted(network._nodes_by_depth, reverse=True):
        for node in network._nodes_by_depth[depth]:
            reached = [lengths[id(tensor)] for tensor in node.input_tensors]
            for tensor in node.output_tensors:
                writers[id(tensor)] = node
                lengths[id(tensor)] = 1 + max(reached, default=0)
    names = []
    tensor = network.outputs[0]
    while True:
        node = writers[id(tensor)]
        names.append(node.operation.name)
        if not node.input_tensors:
            return names[::-1]
        tensor = max(node.input_tensors, key=lambda x: lengths[id(x)])


def split_activation(layer: layers.Layer) -> tuple[layers.Layer, Any]:
    """Returns a copy of a layer without its activation, and the activation.

    Args:
        layer: A layer of `MAPPINGS`.

    Returns:
        The copy, and a function of maps.
    """
    activation = keras.activations.get(layer.get_config()["activation"])
    if activation is keras.activations.linear:
        return layer, lambda maps: maps
    after = layers.Activation(activation, name=f"{layer.name}_activation")
    return clone_layer(layer, activation="linear"), after
