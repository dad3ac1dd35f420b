"""Lets a delta start from the source's own filters instead of noise."""

from typing import Any
from typing import NamedTuple

import keras
import numpy as np
from keras import layers
from keras import ops

from keras_snow.deltas.resnet_delta import ResNetDelta
from keras_snow.layers.preprocessing import Preprocessing
from keras_snow.sources.graph import named_nodes
from keras_snow.sources.source import Source


class _Block(NamedTuple):
    """The kernels of a bottleneck of the source, `(h, w, in, out)`."""

    reduce: np.ndarray
    spread: np.ndarray
    expand: np.ndarray
    shortcut: np.ndarray | None


def start_from_source(delta: ResNetDelta, source: Source) -> None:
    """Copies the source's largest filters into a delta, as many as fit.

    Block by block, the delta's three convolutions and its shortcut get the
    filters of the source's bottleneck with the largest L1 norm; its kernel row
    of a tap's map is the source's row of that map. The stem gets those of the
    source's first convolution if it has their size. Normalisations are left
    alone: their statistics change with the number of inputs.

    Reference:
        Li et al., 2017, "Pruning Filters for Efficient ConvNets", for the norm
        as the measure of a filter.

    Args:
        delta: A new delta; its kernels are overwritten.
        source: The source that it was made for.

    Raises:
        ValueError: If a block of the source is no bottleneck of a 1x1, a
            larger and a 1x1 convolution, as those of ResNet50 are.
    """
    kept = _start_stem(delta, source.network, delta.taps[0].channels)
    for tap, following in zip(delta.taps, delta.taps[1:], strict=False):
        block = _find_block(source.network, tap, following)
        kept = _start_block(delta, f"{tap.name}_block", block, kept)


def _start_stem(delta, network, channels):
    """Returns which of the first tap's maps the stem stands for."""
    stem = delta.get_layer("delta_stem")
    count = stem.kernel.shape[-1]
    first = next(
        layer for layer in network.layers if isinstance(layer, layers.Conv2D)
    )
    kernel = _kernel(first)
    if kernel.shape[:3] != tuple(stem.kernel.shape[:3]):
        return np.arange(min(count, channels))
    if any(
        isinstance(layer, Preprocessing) and layer.mode == "caffe"
        for layer in network.layers
    ):
        kernel = kernel[:, :, ::-1]  # That source reads BGR, the stem RGB.
    chosen = _largest(kernel, count)
    stem.kernel.assign(kernel[..., chosen])
    return chosen if kernel.shape[-1] == channels else np.arange(count)


def _start_block(delta, name, block, kept):
    """Returns which of the following tap's maps the block stands for."""
    entry = delta.get_layer(f"{name}_1")
    middle, filters = entry.filters, entry.shortcut_filters
    reduced = _largest(block.reduce, middle)
    spread = _largest(block.spread[:, :, reduced], middle)
    expanded = _largest(block.expand[:, :, spread], filters)
    reduce = block.reduce[0, 0][:, reduced]
    channels = len(reduce)
    shortcut = (
        np.eye(channels, dtype="float32")
        if block.shortcut is None
        else block.shortcut[0, 0]
    )
    rows = np.concatenate([reduce, shortcut[:, expanded]], axis=1)
    # Bindings without a row for each map begin with the first maps.
    entry.kernel.assign(rows[: entry.kernel.shape[0]])
    entry.local_kernel.assign(rows[kept])
    between = delta.get_layer(f"{name}_2")
    between.kernel.assign(block.spread[:, :, reduced][..., spread])
    delta.get_layer(f"{name}_3").kernel.assign(
        block.expand[:, :, spread][..., expanded]
    )
    return expanded


def _find_block(network, tap, following):
    found = _convolutions_between(network, tap.name, following.name)
    kernels = [_kernel(layer) for layer in found]
    larger = [kernel for kernel in kernels if max(kernel.shape[:2]) > 1]
    ones = [kernel for kernel in kernels if max(kernel.shape[:2]) == 1]
    if len(larger) == 1 and len(kernels) in (3, 4):
        (spread,) = larger
        sizes = {
            "reduce": (tap.channels, spread.shape[2]),
            "expand": (spread.shape[3], following.channels),
            "shortcut": (tap.channels, following.channels),
        }
        parts: dict[str, Any] = {
            name: next((k for k in ones if k.shape[2:] == size), None)
            for name, size in sizes.items()
        }
        needed = ["reduce", "expand"]
        if tap.channels != following.channels:
            needed.append("shortcut")
        if all(parts[name] is not None for name in needed):
            return _Block(spread=spread, **parts)
    raise ValueError(
        "A delta can start from the filters of bottleneck blocks alone (1x1, "
        "larger, 1x1, as in ResNet50). Use `start='noise'`. Received: "
        f"block from {tap.name!r} to {following.name!r} with kernels "
        f"{[kernel.shape for kernel in kernels]}"
    )


def _convolutions_between(network, start, end):
    """Returns the convolutions that `end` needs and `start` does not."""
    nodes = named_nodes(network)
    known = {id(node) for node in nodes.values()}
    found, pending, seen = [], [nodes[end]], {id(nodes[start])}
    while pending:
        node = pending.pop()
        if id(node) in seen or id(node) not in known:
            continue
        seen.add(id(node))
        if isinstance(node.operation, layers.Conv2D):
            found.append(node.operation)
        pending += node.parent_nodes
    return found


def _largest(kernel, count):
    """Returns the filters with the largest L1 norm, in their own order."""
    norms = np.abs(kernel).sum(axis=(0, 1, 2))
    return np.sort(np.argsort(-norms, kind="stable")[:count])


def _kernel(layer: keras.layers.Layer) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(layer.kernel), "float32")
