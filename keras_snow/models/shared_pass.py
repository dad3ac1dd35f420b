"""Parting a model into the frozen source and what is trained on its maps."""

from typing import Any

import keras

from keras_snow.deltas.delta import Delta
from keras_snow.sources.graph import node_of
from keras_snow.sources.graph import outputs_of
from keras_snow.sources.source import Source


def parts_of(logits: Any) -> tuple[Source, Delta] | None:
    """Returns the source and the delta that have drawn a graph.

    Args:
        logits: The end of the graph.

    Returns:
        None if it is no delta's answer to the maps of a source.
    """
    node = node_of(logits)
    writers = {
        id(each.operation): each.operation
        for each in map(node_of, node.input_tensors)
    }
    sources = [x for x in writers.values() if isinstance(x, Source)]
    if not isinstance(node.operation, Delta) or len(sources) != 1:
        return None
    return sources[0], node.operation


def split_at_source(model: keras.Model) -> tuple[Source, keras.Model]:
    """Returns a model's source and the rest, which shares the model's layers.

    What the rest learns the model has learned, too.

    Args:
        model: A model from images to logits that runs a frozen `Source` over
            them. One that is no graph of layers has a method `split_at_source`
            of its own.

    Returns:
        The source, and a model from `{"image": image, **maps}` to logits.

    Raises:
        ValueError: If the model has no frozen source.

    Examples:
        >>> image = keras.Input((None, None, 3), name="image")
        >>> maps = keras.layers.Conv2D(8, 3, name="maps")
        >>> source = Source(keras.Model(image, maps(image)))
        >>> pooled = keras.layers.GlobalMaxPooling2D()(source(image)["maps"])
        >>> _, rest = split_at_source(keras.Model(image, pooled))
        >>> sorted(rest.input)
        ['image', 'maps']
    """
    if hasattr(model, "split_at_source"):
        parts: tuple[Source, keras.Model] = model.split_at_source()
        return parts
    sources = [x for x in model.layers if isinstance(x, Source)]
    if len(sources) != 1:
        raise ValueError(
            "Only the maps of one frozen source can be told from what is "
            f"trained. Received: model={model.name!r} with {len(sources)} "
            "frozen sources"
        )
    (source,) = sources
    found = outputs_of(model)[source.name]
    maps = found if isinstance(found, list) else [found]
    # The outputs of a dict are listed in the order of its sorted keys.
    names = ["image", *sorted(tap.name for tap in source.taps)]
    tensors = [model.inputs[0], *maps]
    inner = keras.Model(tensors, model.output)
    inputs = {
        name: keras.Input(tensor.shape[1:], name=name)
        for name, tensor in zip(names, tensors, strict=True)
    }
    outer = inner(list(inputs.values()))
    return source, keras.Model(inputs, outer, name=f"{model.name}_rest")
