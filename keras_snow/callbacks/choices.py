"""Which layers of a model choose among the maps of a tap."""

import keras

from keras_snow.deltas.delta import tap_of
from keras_snow.recipes.traversal import layers_of


def choices_of(model: keras.Model) -> dict[str, keras.layers.Layer]:
    """Returns by tap, in order, the layers with `selected_channels()`.

    Args:
        model: The model. Where block and head of a delta choose apart, it is
            the block's layer; a head that leaves no map out chooses none.
    """
    found: dict[str, keras.layers.Layer] = {}
    for layer in layers_of(model):
        if not hasattr(layer, "selected_channels"):
            continue
        is_head = getattr(layer, "for_head", False)
        if is_head and not layer.leaves_out:
            continue
        tap = tap_of(layer)
        if tap not in found or not is_head:
            found[tap] = layer
    return found
