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
    return [
        candidates[name]
        for name in _meeting_points(_readers(network))
        if name in candidates and not _is_silent(network, name)
    ]


def outputs_of(network: keras.Model) -> dict[str, Any]:
    """Returns the output of each layer or operation of a graph, by name.

    A layer may be part of several graphs; its `output` attribute then gives the
    tensor of another one.

    Args:
        network: A functional model.
    """
    return {
        node.operation.name: node.output_tensors[0]
        if len(node.output_tensors) == 1
        else node.output_tensors
        for node in nodes_of(network)
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


def _is_silent(network, name):
    silent = [o.name for o in network.operations if isinstance(o, _SILENT)]
    return name in silent


def nodes_of(network: keras.Model) -> list[Any]:
    """Returns the nodes of a graph from the image to the output.

    Args:
        network: A functional model.
    """
    depths = sorted(network._nodes_by_depth, reverse=True)
    nodes = [n for depth in depths for n in network._nodes_by_depth[depth]]
    order = [operation.name for operation in network.operations]
    return sorted(nodes, key=lambda node: order.index(node.operation.name))


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
    """Returns, for each operation by name, the names of those that read it."""
    readers: dict[str, list[str]] = {name: [] for name in outputs_of(network)}
    for node in nodes_of(network):
        for tensor in node.input_tensors:
            of_writer = readers[tensor._keras_history.operation.name]
            if node.operation.name not in of_writer:
                of_writer.append(node.operation.name)
    return readers
