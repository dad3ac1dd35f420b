"""Finds the layers of a network that can be tapped."""

import itertools
from typing import Any

import keras

from keras_snow.sources.flat import flattened
from keras_snow.sources.tap import Tap

PROBE_SIZE = 224  # Pixels; strides are measured on an image of this size.
_SILENT = (keras.layers.Dropout, keras.layers.ZeroPadding2D)


def find_candidates(network: keras.Model) -> list[Tap]:
    """Lists all layers with one image-shaped output, in the order of depth.

    Args:
        network: A functional model: images in, anything out.

    Returns:
        One tap for each layer that can be tapped.

    Raises:
        ValueError: If the model is not functional or takes no images.

    Examples:
        >>> image = keras.Input((32, 32, 3))
        >>> maps = keras.layers.Conv2D(8, 3, 2, name="first")(image)
        >>> find_candidates(keras.Model(image, maps))
        [Tap(name='first', channels=8, stride=2)]
    """
    check_functional(network)
    network = flattened(network)
    names = [
        name
        for name, output in outputs_of(network).items()
        if _is_image(output)
    ]
    return measure_taps(network, names) if names else []


def find_block_ends(network: keras.Model) -> list[Tap]:
    """Lists the points where a block ends: all paths meet, new ones begin.

    Every path from the image to the output runs through such a layer. Of a
    chain of them without a branch only the last counts; in a network without
    any branch, the last before the maps get smaller.

    Args:
        network: A functional model: images in, anything out.

    Returns:
        One tap for each block end, in the order of depth.

    Raises:
        ValueError: If the model is not functional or takes no images.
    """
    check_functional(network)
    network = flattened(network)
    meeting = find_meeting_points(network)
    readers = _readers(network)
    branches = any(len(names) > 1 for names in readers.values())
    ends = []
    for tap, following in itertools.zip_longest(meeting, meeting[1:]):
        shrinks = following is None or following.stride > tap.stride
        if len(readers[tap.name]) > 1 if branches else shrinks:
            ends.append(tap)
    if meeting and meeting[-1] not in ends:
        ends.append(meeting[-1])
    return ends


def find_meeting_points(network: keras.Model) -> list[Tap]:
    """Lists the layers that every path from the image to the output visits.

    Args:
        network: A functional model: images in, anything out.

    Returns:
        One tap for each such layer, in the order of depth.

    Raises:
        ValueError: If the model is not functional or takes no images.
    """
    check_functional(network)
    network = flattened(network)
    candidates = {tap.name: tap for tap in find_candidates(network)}
    nodes = named_nodes(network)
    return [
        candidates[name]
        for name in _meeting_points(_readers(network))
        if name in candidates and not isinstance(nodes[name].operation, _SILENT)
    ]


def outputs_of(network: keras.Model) -> dict[str, Any]:
    """Returns the output of each call of a layer or operation, by name.

    A layer may be part of several graphs; its `output` attribute then gives the
    tensor of another one.

    Args:
        network: A functional model.
    """
    return {
        name: node.output_tensors[0]
        if len(node.output_tensors) == 1
        else node.output_tensors
        for name, node in named_nodes(network).items()
    }


def measure_taps(network: keras.Model, names: list[str]) -> list[Tap]:
    """Returns the named layers as taps, with channels and stride.

    Args:
        network: A functional model.
        names: Names of its layers.

    Raises:
        ValueError: If a layer's output is no stack of maps.
    """
    every = outputs_of(network)
    outputs = {name: every[name] for name in names}
    for name, output in outputs.items():
        if not _is_image(output):
            raise ValueError(
                "A tap needs an output of shape (batch, height, width, "
                f"channels). Received: tap={name!r}"
            )
    probe = keras.Model(network.inputs[0], outputs)
    height = network.inputs[0].shape[1] or PROBE_SIZE
    width = network.inputs[0].shape[2] or PROBE_SIZE
    shapes = probe.compute_output_shape((1, height, width, 3))
    return [
        Tap(name, int(shape[-1]), max(1, round(height / shape[1])))
        for name, shape in shapes.items()
    ]


def check_functional(network: Any) -> None:
    """Raises a ValueError unless `network` is a functional image model.

    Args:
        network: What should be one.
    """
    if not isinstance(network, keras.Model) or not getattr(
        network, "inputs", None
    ):
        raise ValueError(
            "A source is made from a functional `keras.Model`, whose layers "
            f"can be tapped. Received: network={type(network).__name__}"
        )
    shape = tuple(network.inputs[0].shape)
    if len(network.inputs) != 1 or len(shape) != 4 or shape[-1] != 3:
        raise ValueError(
            "A source takes one input, RGB images of shape (batch, height, "
            "width, 3). Received: inputs="
            f"{[tuple(tensor.shape) for tensor in network.inputs]}"
        )


def _is_image(output):
    return (
        output is not None
        and not isinstance(output, (list, tuple, dict))
        and len(output.shape) == 4
        and output.shape[-1] is not None
        and output.shape[-1] > 3
    )


def nodes_of(network: keras.Model) -> list[Any]:
    """Returns the nodes of a graph from the image to the output.

    Args:
        network: A functional model.
    """
    order = {id(each): i for i, each in enumerate(network.operations)}
    return [
        node
        for depth in sorted(network._nodes_by_depth, reverse=True)
        for node in sorted(
            network._nodes_by_depth[depth],
            key=lambda node: (order[id(node.operation)], _call_of(node)),
        )
    ]


def named_nodes(network: keras.Model) -> dict[str, Any]:
    """Returns the nodes of a graph from the image to the output, by name.

    A node has the name of its layer or operation. Of a layer that is called
    several times that is the last call; those before it are `NAME.1`, `NAME.2`
    and so on. A network that was cut may lack calls; what it gives out in a
    dict keeps its name.

    Args:
        network: A functional model.
    """
    nodes = nodes_of(network)
    calls: dict[int, list[Any]] = {}
    for node in sorted(nodes, key=_call_of):
        calls.setdefault(id(node.operation), []).append(node)
    given = _names_given(network)
    names: dict[int, str] = {}
    for same in calls.values():
        names |= _names_of_calls(same, given)
    return {names[id(node)]: node for node in nodes}


def node_of(tensor: Any) -> Any:
    """Returns the node that gave a symbolic tensor.

    Args:
        tensor: Of a functional model.
    """
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def _call_of(node):
    return node.operation._inbound_nodes.index(node)


def _names_given(network):
    """Returns the names of the calls that a network gives out in a dict."""
    outputs = network.output
    if not isinstance(outputs, dict):
        return {}
    nodes = {name: node_of(tensor) for name, tensor in outputs.items()}
    return {
        id(node): name
        for name, node in nodes.items()
        if name == node.operation.name or _number_of(name, node)
    }


def _names_of_calls(nodes, given):
    """Returns the names of the calls of one layer, in their order."""
    name, number, found = nodes[0].operation.name, 0, {}
    for node in nodes:
        number += 1
        own = given.get(id(node))
        if own is None and node is nodes[-1] and name not in given.values():
            own = name
        while own is None and f"{name}.{number}" in given.values():
            number += 1
        number = _number_of(own or "", node) or number
        found[id(node)] = own or f"{name}.{number}"
    return found


def _number_of(name, node):
    """Returns which call of its layer a node is by its name; None if none."""
    number = name.removeprefix(f"{node.operation.name}.")
    return int(number) if number != name and number.isdigit() else None


def _meeting_points(readers):
    """Returns the names that no edge jumps over, in the order of depth."""
    position = {name: index for index, name in enumerate(readers)}
    meeting = []
    reach = 0
    for name, index in position.items():
        if index >= reach:
            meeting.append(name)
        reach = max([reach, *(position[reader] for reader in readers[name])])
    return meeting


def _readers(network):
    """Returns, for each node by name, the names of those that read it."""
    nodes = named_nodes(network)
    names = {id(node): name for name, node in nodes.items()}
    readers: dict[str, list[str]] = {name: [] for name in nodes}
    for name, node in nodes.items():
        for tensor in node.input_tensors:
            of_writer = readers[names[id(node_of(tensor))]]
            if name not in of_writer:
                of_writer.append(name)
    return readers
