"""The nodes of a functional model, by name."""

from typing import Any

import keras


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
