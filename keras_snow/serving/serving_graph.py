"""Draws folded deltas as one graph, in which each tap is read once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import layers

from keras_snow.layers.global_pooling import GlobalPooling
from keras_snow.layers.match_size import MatchSize
from keras_snow.serving.folding import Block
from keras_snow.serving.folding import Convolution
from keras_snow.serving.folding import FoldedDelta
from keras_snow.serving.folding import Reading
from keras_snow.serving.shared_reads import SharedReads
from keras_snow.serving.shared_reads import split

CENTRE = -128.0  # `ResNetDelta` reads image / 64 - 2.


def draw_deltas(
    deltas: Mapping[str, FoldedDelta], image: Any, maps: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the symbolic logits of each delta.

    Args:
        deltas: Folded deltas by name.
        image: The symbolic image, raw RGB.
        maps: The symbolic maps of each tap.
    """
    reads = SharedReads(deltas, maps)
    local = _draw_stems(deltas, image)
    logits = {}
    for name, delta in deltas.items():
        painter = _Painter(name, reads)
        x = local.get(name)
        for block in delta.blocks:
            x = painter.block(x, block)
        logits[name] = painter.head(x, delta)
    return logits


def _draw_stems(
    deltas: Mapping[str, FoldedDelta], image: Any
) -> dict[str, Any]:
    """Convolves the image once for all stems that are alike."""
    every = {x: d.stem for x, d in deltas.items() if d.stem is not None}
    if not every:
        return {}
    centred = layers.Rescaling(1.0, CENTRE, name="centred")(image)
    alike: dict[Any, list[str]] = {}
    for name, stem in every.items():
        kind = (stem.kernel.shape[:2], stem.strides, deltas[name].pool)
        alike.setdefault(kind, []).append(name)
    found: dict[str, Any] = {}
    for index, ((_, strides, pool), names) in enumerate(alike.items()):
        stems = [every[name] for name in names]
        merged = Convolution(
            np.concatenate([stem.kernel for stem in stems], axis=-1),
            np.concatenate([np.asarray(stem.bias) for stem in stems]),
            strides,
        )
        x = convolve(centred, merged, f"stems{index}", "relu")
        if pool > 1:
            x = layers.MaxPooling2D(3, pool, "same", name=f"pool{index}")(x)
        sizes = [stem.kernel.shape[-1] for stem in stems]
        found |= dict(zip(names, split(x, sizes), strict=True))
    return found


class _Painter:
    """Draws one delta; its layers are called after it."""

    def __init__(self, name: str, reads: SharedReads) -> None:
        self.name = name
        self.reads = reads

    def block(self, local: Any, block: Block) -> Any:
        """Returns the output of a block."""
        tap = block.reading.tap
        maps = self._maps(block.reading, f"{tap}_product")
        if tuple(local.shape[1:3]) != tuple(maps.shape[1:3]) or (
            None in local.shape[1:3]
        ):
            local = MatchSize(name=self._called(f"{tap}_size"))(local, maps)
        both = layers.Concatenate(name=self._called(f"{tap}_both"))(
            [maps, local]
        )
        x = self._convolve(both, block.enter, f"{tap}_1", "relu")
        x = self._convolve(x, block.middle, f"{tap}_2", "relu")
        x = self._convolve(x, block.leave, f"{tap}_3")
        shortcut = self._convolve(both, block.shortcut, f"{tap}_0")
        x = layers.Add(name=self._called(f"{tap}_add"))([x, shortcut])
        return layers.ReLU(name=self._called(f"{tap}_out"))(x)

    def head(self, local: Any, delta: FoldedDelta) -> Any:
        """Returns the logits."""
        features, kernels = [], []
        if delta.kernel is not None:
            features = [GlobalPooling(name=self._called("pooled"))(local)]
            kernels = [delta.kernel]
        if delta.levels:
            features.append(
                self.reads.statistics(delta.levels, self._called("levels"))
            )
            kernels += [
                kernel
                for level in delta.levels
                for kernel in level.kernels.values()
            ]
        if len(features) > 1:
            features = [layers.Concatenate(name=self._called("all"))(features)]
        dense = layers.Dense(
            delta.bias.shape[0], trainable=False, name=self._called("logits")
        )
        logits = dense(features[0])
        dense.set_weights([np.concatenate(kernels), delta.bias])
        parts = [
            copy_layer(layer, self._called(layer.name))(
                self._maps(reading, f"{layer.name}_maps")
            )
            for reading, layer in delta.others
        ]
        if not parts:
            return logits
        return layers.Add(name=self._called("sum"))([logits, *parts])

    def _maps(self, reading: Reading, name: str) -> Any:
        maps = self.reads.maps(reading)
        if reading.product is None:
            return maps
        return copy_layer(reading.product, self._called(name))(maps)

    def _convolve(
        self,
        x: Any,
        convolution: Convolution,
        name: str,
        activation: str | None = None,
    ) -> Any:
        return convolve(x, convolution, self._called(name), activation)

    def _called(self, name: str) -> str:
        return f"{self.name}--{name}"


def convolve(
    x: Any, convolution: Convolution, name: str, activation: str | None = None
) -> Any:
    """Draws a convolution.

    Args:
        x: Symbolic maps, channels last.
        convolution: Its numbers.
        name: Name of the layer.
        activation: What follows.
    """
    kernel, bias = convolution.kernel, convolution.bias
    layer = layers.Conv2D(
        kernel.shape[-1],
        kernel.shape[:2],
        convolution.strides,
        padding="same",
        use_bias=bias is not None,
        activation=activation,
        trainable=False,
        name=name,
    )
    y = layer(x)
    layer.set_weights([kernel] if bias is None else [kernel, bias])
    return y


def copy_layer(layer: Any, name: str) -> Any:
    """Returns a layer with the same weights that can be in another graph.

    Args:
        layer: A built layer.
        name: The copy's name.
    """
    twin = type(layer).from_config({**layer.get_config(), "name": name})
    twin.trainable = False
    if not layer.weights:
        return twin
    twin.build_from_config(layer.get_build_config())
    twin.set_weights(layer.get_weights())
    return twin
