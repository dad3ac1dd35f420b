"""Which layers of a model choose among the maps of a tap."""

import keras

from keras_snow.recipes.traversal import layers_of


def tap_of(pooling: str) -> str:
    """Returns the tap that a delta's channel pooling reads, by its name.

    Args:
        pooling: Name of the layer.

    Examples:
        >>> tap_of("conv2_block1_out_choice"), tap_of("late_head_choice")
        ('conv2_block1_out', 'late')
    """
    return pooling.removesuffix("_choice").removesuffix("_head")


def choices_of(model: keras.Model) -> dict[str, keras.layers.Layer]:
    """Returns by tap, in order, the layers with `selected_channels()`.

    Args:
        model: The model. Where block and head of a delta choose apart, it is
            the block's layer.
    """
    found: dict[str, keras.layers.Layer] = {}
    for layer in layers_of(model):
        if not hasattr(layer, "selected_channels"):
            continue
        tap = tap_of(layer.name)
        if tap not in found or found[tap].name.endswith("_head_choice"):
            found[tap] = layer
    return found
