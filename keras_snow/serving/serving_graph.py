"""Computes folded deltas together, so that each tap is read once."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from keras_snow.layers.global_pooling import average
from keras_snow.layers.match_size import match_size
from keras_snow.serving.folding import Block
from keras_snow.serving.folding import Convolution
from keras_snow.serving.folding import FoldedDelta
from keras_snow.serving.folding import Reading
from keras_snow.serving.shared_reads import SharedReads
from keras_snow.serving.shared_reads import split
from keras_snow.sources.engines.folded_pass import add_bias

CENTRE = 128.0  # `ResNetDelta` reads image / 64 - 2.


def draw_deltas(
    deltas: Mapping[str, FoldedDelta], image: Any, maps: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the logits of each delta.

    Args:
        deltas: Folded deltas by name.
        image: The image, raw RGB.
        maps: The maps of each tap, of any type.
    """
    reads = SharedReads(deltas, maps)
    local = _stems(deltas, image)
    logits = {}
    for name, delta in deltas.items():
        x = local.get(name)
        for block in delta.blocks:
            x = _block(x, block, reads)
        logits[name] = _head(x, delta, reads)
    return logits


def _stems(deltas: Mapping[str, FoldedDelta], image: Any) -> dict[str, Any]:
    """Convolves the image once for all stems that are alike."""
    every = {x: d.stem for x, d in deltas.items() if d.stem is not None}
    alike: dict[Any, list[str]] = {}
    for name, stem in every.items():
        kind = (tuple(stem.kernel.shape[:2]), stem.strides, deltas[name].pool)
        alike.setdefault(kind, []).append(name)
    found: dict[str, Any] = {}
    for (_, strides, pool), names in alike.items():
        stems = [every[name] for name in names]
        merged = Convolution(
            join([stem.kernel for stem in stems], axis=-1),
            join([stem.bias for stem in stems], axis=-1),
            strides,
        )
        x = ops.relu(_convolve(image - CENTRE, merged))
        if pool > 1:
            x = ops.max_pool(x, 3, pool, "same", "channels_last")
        sizes = [stem.kernel.shape[-1] for stem in stems]
        found |= dict(zip(names, split(x, sizes), strict=True))
    return found


def _block(local: Any, block: Block, reads: SharedReads) -> Any:
    maps = _read(block.reading, reads)
    local = match_size(local, maps)  # type: ignore[no-untyped-call]
    both = ops.concatenate([maps, local], axis=-1)
    x = ops.relu(_convolve(both, block.enter))
    x = ops.relu(_convolve(x, block.middle))
    return ops.relu(_convolve(x, block.leave) + _convolve(both, block.shortcut))


def _head(local: Any, delta: FoldedDelta, reads: SharedReads) -> Any:
    features, kernels = [], []
    if delta.kernel is not None:
        features.append(average(local))
        kernels.append(delta.kernel)
    if delta.levels:
        features.append(reads.statistics(delta.levels))
        for level in delta.levels:
            kernels += level.kernels.values()
    if len(features) > 1:
        features = [ops.concatenate(features, axis=-1)]
    logits = ops.matmul(features[0], join(kernels, axis=0))
    logits = add_bias(logits, ops.convert_to_tensor(delta.bias))
    for reading, layer in delta.others:
        logits = logits + layer(_read(reading, reads))
    return logits


def _read(reading: Reading, reads: SharedReads) -> Any:
    maps = reads.maps(reading)
    return maps if reading.product is None else reading.product(maps)


def _convolve(x: Any, convolution: Convolution) -> Any:
    kernel = ops.convert_to_tensor(convolution.kernel)
    y = ops.conv(x, kernel, convolution.strides, "same", "channels_last")
    if convolution.bias is None:
        return y
    return add_bias(y, ops.convert_to_tensor(convolution.bias))


def join(parts: Sequence[Any], axis: int) -> Any:
    """Concatenates arrays beforehand, tensors when they are computed."""
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts, axis)
    return ops.concatenate(parts, axis)
