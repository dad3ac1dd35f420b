"""Finds where the blocks of a network end."""

import itertools

import keras

from keras_snow.layers.token_map import TokenMap
from keras_snow.sources.candidates import check_functional
from keras_snow.sources.candidates import holds_maps
from keras_snow.sources.candidates import measure_taps
from keras_snow.sources.flat import flattened
from keras_snow.sources.graph import named_nodes
from keras_snow.sources.graph import node_of
from keras_snow.sources.graph import outputs_of
from keras_snow.sources.tap import Tap
from keras_snow.sources.token_grid import TokenGrids
from keras_snow.sources.token_grid import holds_tokens

DEPTHS = 4
"""Taps among the blocks of a transformer whose tokens are of one size."""
_SILENT = (keras.layers.Dropout, keras.layers.ZeroPadding2D)


def find_block_ends(
    network: keras.Model,
    tokens: tuple[int, int] | None = None,
    depths: int | None = DEPTHS,
) -> list[Tap]:
    """Lists the points where a block ends: all paths meet, new ones begin.

    Every path from the image to the output runs through such a layer. Of a
    chain of them without a branch only the last counts; in a network without
    any branch, the last before the maps get smaller. Where blocks of a
    transformer, all of one size, follow each other, these are the ends of
    `depths` of them at equal distances.

    Args:
        network: A functional model: images in, anything out.
        tokens: As of `Source`.
        depths: Most taps among the blocks of a transformer that are of one
            size; None for all of them.

    Returns:
        One tap for each block end, in the order of depth.

    Raises:
        ValueError: If the model is not functional or takes no images, or the
            grid of its tokens can't be told.
    """
    check_functional(network)
    network = flattened(network)
    readers = _readers(network)
    points = _points(network, readers)
    chains = [name for name in points if not holds_maps(points[name])]
    blocks = _repeated_ends(network, chains, points, depths)
    if not blocks:
        grids = TokenGrids(network, tokens)
        blocks = [x for x in chains if grids.of(points[x]) is not None]
        if not any(len(readers[x]) > 1 for x in blocks):
            blocks = blocks[-1:]
    maps = [x for x in points if holds_maps(points[x])]
    kept = [x for x in points if x in maps or x in blocks]
    taps = measure_taps(network, kept, tokens)
    branches = any(len(names) > 1 for names in readers.values())
    ends = []
    for tap, following in itertools.zip_longest(taps, taps[1:]):
        shrinks = following is None or following.stride > tap.stride
        if (
            tap.tokens
            or following is None
            or (len(readers[tap.name]) > 1 if branches else shrinks)
        ):
            ends.append(tap)
    return ends


def find_meeting_points(network: keras.Model) -> list[Tap]:
    """Lists the layers that every path from the image to the output visits.

    Args:
        network: A functional model: images in, anything out.

    Returns:
        One tap for each such layer that gives maps, in the order of depth.

    Raises:
        ValueError: If the model is not functional or takes no images.
    """
    check_functional(network)
    network = flattened(network)
    points = _points(network, _readers(network))
    return measure_taps(network, [x for x in points if holds_maps(points[x])])


def _points(network, readers):
    """Returns the outputs, by name, of the layers that all paths visit."""
    nodes, outputs = named_nodes(network), outputs_of(network)
    return {
        name: outputs[name]
        for name in _meeting_points(readers)
        if (holds_maps(outputs[name]) or holds_tokens(outputs[name]))
        and not isinstance(nodes[name].operation, _SILENT)
    }


def _repeated_ends(network, chain, points, depths):
    """Returns the ends of blocks that are built alike, in each stage.

    Two neighbouring points are as a block's inside and end if what lies
    between such points repeats itself.
    """
    between = _between(network, chain)
    ends: list[str] = []
    for _, stage in itertools.groupby(chain, lambda x: points[x].shape[1:]):
        names = list(stage)
        found = _longest_repetition([between[name] for name in names])
        if found:
            last = [*found[:-1], len(names) - 1]  # With the norm behind it.
            ends += [names[i] for i in _spread(last, depths)]
    return ends


def _between(network, chain):
    """Returns the kinds of the layers from one point to the next."""
    found: dict[str, tuple[str, ...]] = {}
    kinds: list[str] = []
    for name, node in named_nodes(network).items():
        if not isinstance(node.operation, _SILENT) and _on_a_path(node):
            kinds.append(type(node.operation).__name__)
        if name in chain:
            found[name] = tuple(kinds)
            kinds = []
    return found


def _on_a_path(node):
    """Tells whether a node gives something for each image of a batch."""
    return any(x.shape[:1] == (None,) for x in node.output_tensors)


def _longest_repetition(kinds):
    """Returns where the blocks of the longest repetition end.

    Args:
        kinds: What is compared.

    Examples:
        >>> _longest_repetition(["stem", "a", "b", "a", "b", "norm"])
        [2, 4]
    """
    best: list[int] = []
    longest = 0
    for period in range(1, len(kinds) // 2 + 1):
        run = 0
        for i in range(period, len(kinds)):
            run = run + 1 if kinds[i] == kinds[i - period] else 0
            if run >= period and run + period > longest:
                longest = run + period
                best = list(range(i, i - run - 1, -period))[::-1]
    return best


def _spread(ends, depths):
    """Returns at most so many of the ends, evenly, with the last."""
    count = min(depths or len(ends), len(ends))
    return [ends[-(-len(ends) * (i + 1) // count) - 1] for i in range(count)]


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
    """Returns, for each node by name, the names of those that read it.

    What is made of tokens for a tap alone is on no path, nor is what does not
    depend on the image, such as rotations of positions.
    """
    nodes = {
        name: node
        for name, node in named_nodes(network).items()
        if not isinstance(node.operation, TokenMap) and _on_a_path(node)
    }
    names = {id(node): name for name, node in nodes.items()}
    readers: dict[str, list[str]] = {name: [] for name in nodes}
    for name, node in nodes.items():
        for tensor in node.input_tensors:
            of_writer = readers.get(names.get(id(node_of(tensor)), ""), [])
            if name not in of_writer:
                of_writer.append(name)
    return readers
