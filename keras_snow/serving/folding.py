"""Turns a trained delta into plain convolutions: the arithmetic of folding.

Nothing is chosen and nothing is normalised in what comes out: which maps are
read is a list of numbers, importances multiply kernels, batch normalisations
are scales of kernels and biases.
"""

import dataclasses
from typing import Any

import numpy as np
from keras import ops

from keras_snow.deltas.delta import Delta
from keras_snow.deltas.resnet_delta import ResNetDelta
from keras_snow.layers.channel_pooling import ChannelPooling
from keras_snow.layers.full_subscription import FullSubscription
from keras_snow.layers.pointwise_subscription import PointwiseSubscription
from keras_snow.layers.subscribed_dense import SubscribedDense
from keras_snow.layers.subscription import Subscription

MEAN, DEVIATION = 0, 1
"""Which statistic of a map a head reads."""


@dataclasses.dataclass(frozen=True)
class Convolution:
    """A convolution with a bias.

    Args:
        kernel: `(height, width, inputs, outputs)`.
        bias: `(outputs,)`; None: there is none.
        strides: Of both axes.
    """

    kernel: np.ndarray
    bias: np.ndarray | None = None
    strides: int = 1


@dataclasses.dataclass(frozen=True)
class Reading:
    """What is read of a tap.

    Args:
        tap: Its name.
        channels: Which of its maps, in order; None: all of them.
        product: A layer of the delta that works on all maps first, if any.
    """

    tap: str
    channels: np.ndarray | None = None
    product: Any = None


@dataclasses.dataclass(frozen=True)
class Block:
    """A residual block that reads maps of a tap beside those before it.

    Args:
        reading: What it reads.
        enter: 1x1, from what is read and what was before, to the middle.
        middle: 3x3.
        leave: 1x1; its bias holds that of the shortcut.
        shortcut: 1x1, from the same as `enter`, without a bias.
    """

    reading: Reading
    enter: Convolution
    middle: Convolution
    leave: Convolution
    shortcut: Convolution


@dataclasses.dataclass(frozen=True)
class Level:
    """What a head reads of the statistics of a tap, linearly.

    Args:
        tap: Its name.
        channels: Maps whose statistics are read, in order.
        kernels: By statistic, `(channels, classes)`.
    """

    tap: str
    channels: np.ndarray
    kernels: dict[int, np.ndarray]


@dataclasses.dataclass(frozen=True)
class FoldedDelta:
    """A delta as plain convolutions.

    Args:
        stem: Reads the image minus 128; None: there are no blocks either.
        pool: Stride of the maximum pooling behind the stem; 1: none.
        blocks: In the order of depth.
        kernel: From the last block's pooled maps to the logits; None without a
            stem.
        bias: Of the logits.
        levels: What is added to the logits, linear in statistics of taps.
        others: Layers of the delta whose outputs are added, too, each with its
            reading.
    """

    stem: Convolution | None
    pool: int
    blocks: tuple[Block, ...]
    kernel: np.ndarray | None
    bias: np.ndarray
    levels: tuple[Level, ...] = ()
    others: tuple[tuple[Reading, Any], ...] = ()

    @property
    def taps(self) -> set[str]:
        """Names of the taps that it reads."""
        readings = [reading for reading, _ in self.others]
        readings += [block.reading for block in self.blocks]
        levels = {level.tap for level in self.levels}
        return levels | {reading.tap for reading in readings}


def fold_delta(delta: Delta) -> FoldedDelta:
    """Returns the arithmetic of a delta at inference."""
    if not isinstance(delta, ResNetDelta):
        return _fold_prototypes(delta)
    bias = _array(delta.get_layer("delta_logits").bias)
    levels: list[Level] = []
    others: list[tuple[Reading, Any]] = []
    for head in delta.standardised:
        tap = head.name.removesuffix("_head")
        if not _is_linear(head.subscription):
            others.append((_reading_of_head(delta, tap), head))
            continue
        level, shift = _fold_head(tap, head)
        levels.append(level)
        bias = bias + shift
    return FoldedDelta(
        stem=_fold_stem(delta),
        pool=_pool_of(delta),
        blocks=tuple(_fold_block(delta, tap.name) for tap in delta.taps[:-1]),
        kernel=_array(delta.get_layer("delta_logits").kernel),
        bias=bias,
        levels=tuple(levels),
        others=tuple(others),
    )


def _fold_prototypes(delta: Delta) -> FoldedDelta:
    """Reads the maps alone that some class weighs."""
    kernel, bias = map(_array, delta.get_layer("delta_logits").weights)
    ends = np.cumsum([tap.channels for tap in delta.taps])[:-1]
    levels = []
    for tap, rows in zip(delta.taps, np.split(kernel, ends), strict=True):
        # One at least, so that there is something to draw.
        channels = np.flatnonzero(rows.any(axis=1))
        channels = channels if len(channels) else np.arange(1)
        levels.append(Level(tap.name, channels, {MEAN: rows[channels]}))
    return FoldedDelta(None, 1, (), None, bias, tuple(levels))


def _fold_stem(delta: ResNetDelta) -> Convolution:
    layer = delta.get_layer("delta_stem")
    scale, shift = _affine(delta, "delta_stem")
    rescaling = delta.get_layer("delta_rescaling").scale
    kernel = _array(layer.kernel) * (rescaling * scale)
    return Convolution(kernel, shift, layer.strides[0])


def _pool_of(delta: ResNetDelta) -> int:
    for layer in delta.layers:
        if layer.name == "delta_stem_pool":
            return int(layer.strides[0])
    return 1


def _fold_block(delta: ResNetDelta, tap: str) -> Block:
    name = f"{tap}_block"
    reader = delta.get_layer(f"{name}_1")
    reading, rows = _read(tap, reader.subscription, _array(reader.kernel))
    both = np.concatenate([rows, _array(reader.local_kernel)])[None, None]
    first, shortcut = np.split(both, [reader.filters], axis=-1)
    enter_scale, enter_shift = _affine(delta, f"{name}_1")
    short_scale, short_shift = _affine(delta, f"{name}_0")
    middle, leave = (delta.get_layer(f"{name}_{i}") for i in (2, 3))
    middle_scale, middle_shift = _affine(delta, middle.name)
    leave_scale, leave_shift = _affine(delta, leave.name)
    return Block(
        reading,
        Convolution(first * enter_scale, enter_shift),
        Convolution(
            _array(middle.kernel) * middle_scale,
            middle_shift,
            middle.strides[0],
        ),
        Convolution(
            _array(leave.kernel) * leave_scale, leave_shift + short_shift
        ),
        Convolution(shortcut * short_scale, None, reader.strides),
    )


def _read(
    tap: str, subscription: Subscription, kernel: np.ndarray
) -> tuple[Reading, np.ndarray]:
    """Returns what a reader reads, and the kernel rows for it."""
    if isinstance(subscription, ChannelPooling):
        channels, rows = _choose(subscription, kernel)
        return Reading(tap, channels), rows
    if isinstance(subscription, FullSubscription):
        return Reading(tap), kernel
    return Reading(tap, product=subscription), kernel


def _choose(
    pooling: ChannelPooling, kernel: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the chosen channels, and their rows times their factors."""
    channels, factors = pooling.selected_channels(), _array(pooling.importance)
    if pooling.normalise:
        factors = factors / _array(pooling.deviation)
    if pooling.binding == "rows":
        kernel = kernel[channels]
    shape = (-1, *[1] * (kernel.ndim - 1))
    return channels, kernel * factors[channels].reshape(shape)


def _is_linear(subscription: Subscription) -> bool:
    known = (ChannelPooling, FullSubscription, PointwiseSubscription)
    return isinstance(subscription, known)


def _fold_head(tap: str, head: SubscribedDense) -> tuple[Level, np.ndarray]:
    """Returns what a head reads, and what it adds to the bias."""
    subscription, kernel = head.subscription, _array(head.kernel)
    channels = np.arange(head.mean.shape[-1])
    if isinstance(subscription, ChannelPooling):
        channels, kernel = _choose(subscription, kernel)
    elif isinstance(subscription, PointwiseSubscription):
        kernel = np.tensordot(_array(subscription.kernel), kernel, axes=1)
    # Features that came pooled have one statistic and no axis for it.
    mean = np.atleast_2d(_array(head.mean))[:, channels]
    scale = head.gain / np.atleast_2d(_array(head.deviation))[:, channels]
    kernel = kernel.reshape(len(channels), len(mean), -1)
    kernel = kernel * scale.T[:, :, None]
    shift = -np.einsum("sc,csu->u", mean, kernel)
    kernels = {index: kernel[:, index] for index in range(len(mean))}
    return Level(tap, channels, kernels), shift


def _reading_of_head(delta: ResNetDelta, tap: str) -> Reading:
    if delta.settings.head == "last":
        return Reading(tap, product=delta.get_layer(f"{tap}_pooled"))
    return Reading(tap)


def _affine(delta: ResNetDelta, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns scale and shift of the normalisation behind a layer."""
    layer = delta.get_layer(f"{name}_bn")
    variance = _array(layer.moving_variance) + layer.epsilon
    scale = _array(layer.gamma) / np.sqrt(variance)
    return scale, _array(layer.beta) - _array(layer.moving_mean) * scale


def _array(variable: Any) -> np.ndarray:
    values: np.ndarray = ops.convert_to_numpy(variable)
    return values
