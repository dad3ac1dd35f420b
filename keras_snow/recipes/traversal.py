"""Every layer and every seed generator of a model, each once."""

from collections.abc import Iterator

import keras


def layers_of(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yields the model and all layers in it, at any depth, each once.

    A layer comes before the layers in it, and these in the order in which they
    were made: the layers of a part come in the same order alone and within a
    whole.

    Args:
        model: Any model.
    """
    seen = set()
    waiting = [model]
    while waiting:
        layer = waiting.pop()
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        yield layer
        inside = layer._flatten_layers(include_self=False, recursive=False)
        waiting.extend(reversed(list(inside)))


def seed_generators_of(model: keras.Model) -> list[keras.random.SeedGenerator]:
    """Returns the model's seed generators in the order of its layers.

    Those of frozen layers come last, so that a delta's have the same places
    with and without its source.

    Args:
        model: Any model.
    """
    found: dict[int, keras.random.SeedGenerator] = {}
    for layer in sorted(layers_of(model), key=lambda x: not x.trainable):
        for generator in getattr(layer, "_seed_generators", ()):
            found.setdefault(id(generator), generator)
    return list(found.values())
