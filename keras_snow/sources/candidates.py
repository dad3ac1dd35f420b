"""Finds the layers of a network that can be tapped."""

from typing import Any

import keras

from keras_snow.layers.token_map import TokenMap
from keras_snow.sources.flat import flattened
from keras_snow.sources.graph import named_nodes
from keras_snow.sources.graph import outputs_of
from keras_snow.sources.tap import Tap
from keras_snow.sources.token_grid import TokenGrids
from keras_snow.sources.token_grid import holds_tokens

PROBE_SIZE = 224  # Pixels; strides are measured on an image of this size.


def find_candidates(
    network: keras.Model, tokens: tuple[int, int] | None = None
) -> list[Tap]:
    """Lists all layers with one image-shaped output, in the order of depth.

    Args:
        network: A functional model: images in, anything out.
        tokens: As of `Source`. Tokens without a known grid are left out.

    Returns:
        One tap for each layer that can be tapped.

    Raises:
        ValueError: If the model is not functional or takes no images.

    Examples:
        >>> image = keras.Input((32, 32, 3))
        >>> maps = keras.layers.Conv2D(8, 3, 2, name="first")(image)
        >>> [tap.name for tap in find_candidates(keras.Model(image, maps))]
        ['first']
    """
    check_functional(network)
    network = flattened(network)
    grids = TokenGrids(network, tokens)
    nodes = named_nodes(network)
    names = [
        name
        for name, output in outputs_of(network).items()
        if not isinstance(nodes[name].operation, TokenMap)
        and (holds_maps(output) or _on_grid(grids, output))
    ]
    return measure_taps(network, names, tokens) if names else []


def measure_taps(
    network: keras.Model,
    names: list[str],
    tokens: tuple[int, int] | None = None,
) -> list[Tap]:
    """Returns the named layers as taps, with channels and stride.

    Args:
        network: A functional model.
        names: Names of its layers.
        tokens: As of `Source`.

    Raises:
        ValueError: If a layer's output is no stack of maps, nor tokens whose
            grid is known.
    """
    every = outputs_of(network)
    grids = TokenGrids(network, tokens)
    height = network.inputs[0].shape[1] or PROBE_SIZE
    width = network.inputs[0].shape[2] or PROBE_SIZE
    maps = {name: every[name] for name in names if holds_maps(every[name])}
    strides = _strides(network, maps, height, width) if maps else {}
    return [
        Tap(name, int(maps[name].shape[-1]), strides[name])
        if name in maps
        else _tap_of_tokens(name, every[name], grids, height)
        for name in names
    ]


def maps_of(
    network: keras.Model,
    taps: list[Tap],
    tokens: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Returns the maps of each tap; those of tokens are laid out on a grid.

    Args:
        network: A functional model with the layers of the taps.
        taps: As `measure_taps` gives them.
        tokens: As of `Source`.
    """
    outputs = outputs_of(network)
    grids = TokenGrids(network, tokens)
    return {
        tap.name: grids.lay_out(tap.name, outputs[tap.name])
        if tap.tokens
        else outputs[tap.name]
        for tap in taps
    }


def _strides(network, maps, height, width):
    """Returns pixels of the image to one of each stack of maps."""
    probe = keras.Model(network.inputs[0], maps)

    def rows(factor):
        size = (1, factor * height, factor * width, 3)
        shapes = probe.compute_output_shape(size)
        return {name: shapes[name][1] for name in shapes}

    found = rows(1)
    before, more = dict.fromkeys(found, 0), found
    whole = all(height % side == 0 for side in found.values())
    if not whole and network.inputs[0].shape[1] is None:
        # Without padding rows are lost at the borders, in images of any size.
        before, more = found, rows(2)
    return {
        name: max(1, round(height / max(1, more[name] - before[name])))
        for name in found
    }


def _tap_of_tokens(name, output, grids, height):
    if not holds_tokens(output):
        raise ValueError(
            "A tap needs an output of shape (batch, height, width, "
            "channels), or (batch, tokens, channels). "
            f"Received: tap={name!r}"
        )
    grid = grids.of(output)
    if grid is None:
        raise grids.refusal(name, output)
    stride = max(1, round(height / grid.rows))
    channels, count = int(output.shape[-1]), int(output.shape[1])
    return Tap(name, channels, stride, count, grid.prefix)


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


def holds_maps(output: Any) -> bool:
    """Tells whether an output is a stack of maps.

    Args:
        output: Of a functional model.
    """
    return (
        len(getattr(output, "shape", ())) == 4
        and output.shape[-1] is not None
        and output.shape[-1] > 3
    )


def _on_grid(grids, output):
    return holds_tokens(output) and grids.of(output) is not None
