"""Every layer and every seed generator of a model, each once."""

from collections.abc import Iterator

import keras


def layers_of(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yields the model and all layers in it, at any depth, each once.

    Args:
        model: Any model.
    """
    seen = set()
    for layer in model._flatten_layers(include_self=True, recursive=True):
        if id(layer) not in seen:
            seen.add(id(layer))
            yield layer


def seed_generators_of(model: keras.Model) -> list[keras.random.SeedGenerator]:
    """Returns the model's seed generators in the order of its layers.

    Args:
        model: Any model.
    """
    found = {}
    for layer in layers_of(model):
        for generator in getattr(layer, "_seed_generators", ()):
            found.setdefault(id(generator), generator)
    return list(found.values())
