"""Networks as one flat graph, in which every layer has its own name."""

import collections
import itertools
from typing import Any

import keras


def flattened(network: keras.Model) -> keras.Model:
    """Returns a functional model whose layers are no models themselves.

    Args:
        network: A functional model or a built `keras.Sequential`; models in it
            are opened, and so are layers that hold a `network` and layers that
            run a stack of blocks, such as the encoder of a transformer. One
            that is flat already is returned as it is.

    Returns:
        A model with the same layers and weights.

    Examples:
        >>> inner = keras.Sequential([keras.layers.ReLU(name="relu")])
        >>> image = keras.Input((8, 8, 3))
        >>> [x.name for x in flattened(keras.Model(image, inner(image))).layers]
        ['...', 'relu']
    """
    if _is_nested(network):
        network = _called_anew(network, call_anew)
    while any(is_stack(layer) for layer in network.layers):
        try:
            network = _called_anew(network, _open_stacks)
        except ValueError:
            # Its blocks give more than tensors, or have the same names.
            break
    return network


def call_anew(network: keras.Model, inputs: Any) -> Any:
    """Calls the layers of a network one by one, those of inner ones, too.

    So that what comes before it and the network are one flat graph, in which
    every layer can be tapped by its own name.

    Args:
        network: A functional or built sequential model of one input.
        inputs: What to call it on.

    Returns:
        Its outputs.

    Raises:
        ValueError: If two layers of inner models have the same name.
    """
    _check_names(network)
    count = itertools.count(1)

    def call(operation: Any, **_: Any) -> Any:
        inner = _graph_of(operation)
        if inner is not None:
            # Of its other arguments `training` alone counts, and a source
            # always runs in inference mode.
            return lambda x, *_, **__: run(inner, x)
        if isinstance(operation, keras.layers.Layer):
            return operation
        # ConvNeXt adds without a layer; such a sum is named by Keras'
        # counters, which differ from process to process.
        return lambda *args, **kwargs: keras.layers.Identity(
            name=f"sum{next(count)}"
        )(operation(*args, **kwargs))

    def run(model: Any, x: Any) -> Any:
        if isinstance(model, keras.Sequential):
            for layer in model.layers:
                x = call(layer)(x)
            return x
        found = model._run_through_graph([x], operation_fn=call)
        return (
            found[0] if isinstance(found, list) and len(found) == 1 else found
        )

    return run(network, inputs)


def _check_names(network: keras.Model) -> None:
    owners: dict[str, tuple[Any, str]] = {}

    def look(model: Any) -> None:
        for layer in model.layers:
            inner = _graph_of(layer)
            if inner is not None:
                look(inner)
                continue
            if isinstance(layer, keras.layers.InputLayer):
                continue
            known, owner = owners.setdefault(layer.name, (layer, model.name))
            if known is not layer:
                raise ValueError(
                    "Two layers of the models in this model have the same "
                    "name, by which taps are told apart. Rename one of them. "
                    f"Received: layer={layer.name!r} in {owner!r} and in "
                    f"{model.name!r}"
                )

    look(network)


def _called_anew(network: keras.Model, call: Any) -> keras.Model:
    (given,) = network.inputs
    image = keras.Input(given.shape[1:], dtype=given.dtype, name=given.name)
    return keras.Model(image, call(network, image), name=network.name)


def _open_stacks(network: keras.Model, inputs: Any) -> Any:
    found = network._run_through_graph(
        [inputs],
        operation_fn=lambda x, **_: x.call if is_stack(x) else x,
    )
    return found[0] if isinstance(found, list) and len(found) == 1 else found


def is_stack(layer: Any) -> bool:
    """Tells whether a layer runs blocks of one kind and has no more weights.

    Args:
        layer: Any layer.
    """
    if isinstance(layer, keras.Model) or not isinstance(
        layer, keras.layers.Layer
    ):
        return False
    inner = list(layer._flatten_layers(include_self=False, recursive=False))
    own = len(layer.weights) - len(
        {id(weight) for part in inner for weight in part.weights}
    )
    blocks = collections.Counter(
        type(part)
        for part in inner
        if any(True for _ in part._flatten_layers(include_self=False))
    )
    return own == 0 and max(blocks.values(), default=0) > 1


def _is_nested(network: keras.Model) -> bool:
    return isinstance(network, keras.Sequential) or any(
        _graph_of(layer) is not None for layer in network.layers
    )


def _graph_of(layer: Any) -> Any:
    """Returns the model that a layer is or holds; None for a plain layer."""
    if isinstance(layer, keras.Sequential):
        return layer
    # A `Source`, or the body of a method.
    held = getattr(layer, "network", layer)
    return held if hasattr(held, "_run_through_graph") else None
