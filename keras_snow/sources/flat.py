"""Networks as one flat graph, in which every layer has its own name."""

import itertools
from typing import Any

import keras


def flattened(network: keras.Model) -> keras.Model:
    """Returns a functional model whose layers are no models themselves.

    Args:
        network: A functional model or a built `keras.Sequential`; models in it
            are opened, and so are layers that hold a `network`. One that is
            flat already is returned as it is.

    Returns:
        A model with the same layers and weights.

    Examples:
        >>> inner = keras.Sequential([keras.layers.ReLU(name="relu")])
        >>> image = keras.Input((8, 8, 3))
        >>> [x.name for x in flattened(keras.Model(image, inner(image))).layers]
        ['...', 'relu']
    """
    nested = any(_graph_of(x) is not None for x in network.layers)
    if not nested and not isinstance(network, keras.Sequential):
        return network
    (given,) = network.inputs
    image = keras.Input(given.shape[1:], dtype=given.dtype, name=given.name)
    return keras.Model(image, call_anew(network, image), name=network.name)


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


def _graph_of(layer: Any) -> Any:
    """Returns the model that a layer is or holds; None for a plain layer."""
    if isinstance(layer, keras.Sequential):
        return layer
    # A `Source`, or the body of a method.
    held = getattr(layer, "network", layer)
    return held if hasattr(held, "_run_through_graph") else None
