"""Folding: from trained deltas to what is served."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_snow.core.checks import check_count
from keras_snow.core.dtype_policy import dtype_policy
from keras_snow.deltas.delta import Delta
from keras_snow.deltas.delta import inputs_for
from keras_snow.serving.folded_deltas import FoldedDeltas
from keras_snow.serving.folding import FoldedDelta
from keras_snow.serving.folding import fold_delta
from keras_snow.serving.packing import DELTAS
from keras_snow.sources.source import Source

OUTPUT = "logits"


def fold(delta: Delta) -> keras.Model:
    """Returns the serving form of a delta: plain convolutions.

    The chosen maps are constants of the graph; importances and batch
    normalisations are baked into kernels and biases. The logits differ from
    the delta's by rounding alone. It computes in float32 whatever the dtype
    policy.

    Args:
        delta: A trained delta. It is left as it is.

    Raises:
        TypeError: If it is something else.

    Returns:
        A model with the inputs of the delta, a dict of the image and its taps,
        and its logits.

    Examples:
        >>> from keras_snow import ResNetDelta, Tap
        >>> taps = [Tap("early", 64, 4), Tap("late", 256, 8)]
        >>> small = fold(ResNetDelta(taps, num_classes=10))
        >>> any("bn" in layer.name for layer in small.layers)
        False
    """
    if not isinstance(delta, tuple(DELTAS.values())):
        raise TypeError(
            "Folded is a delta, such as a model's `model.delta`. "
            f"Received: delta={type(delta).__name__}"
        )
    taps = [tap for tap in delta.taps if tap.name in delta.tap_names]
    with dtype_policy("float32"):
        inputs = inputs_for(taps)
        logits = FoldedDeltas({OUTPUT: fold_delta(delta)})(inputs)
        return _frozen(inputs, logits[OUTPUT], f"{delta.name}_folded")


def fold_deltas(
    source: Source,
    deltas: Mapping[str, Delta],
    image_size: int | None = None,
) -> keras.Model:
    """Returns one serving model of a source and folded deltas.

    The source is cut behind the last tap in use; each tap is read once for all
    deltas, and the image is convolved once for all their stems.

    Args:
        source: The source of them all.
        deltas: Deltas by the name of their output.
        image_size: Pixels of a side; any size if None. A fixed size is faster.

    Returns:
        A model from images, raw RGB `(batch, height, width, 3)`, to a dict of
        logits.

    Raises:
        ValueError: If there are no deltas.
    """
    folded = {name: fold_delta(delta) for name, delta in deltas.items()}
    return join_folded(source, folded, image_size)


def join_folded(
    source: Source,
    deltas: Mapping[str, FoldedDelta],
    image_size: int | None = None,
    engine: str | None = None,
) -> keras.Model:
    """Returns one serving model of a source and deltas that are folded.

    Args:
        source: The source of them all.
        deltas: Folded deltas by the name of their output, at least one.
        image_size: As of `fold_deltas`.
        engine: How the source is run; None for its own way.
    """
    if not deltas:
        raise ValueError(
            "There is nothing to fold: no deltas. Add or name a task first. "
            "Received: deltas={}"
        )
    if image_size is not None:
        check_count("image_size", image_size)
    taps = {tap for delta in deltas.values() for tap in delta.taps}
    with dtype_policy("float32"):
        image = keras.Input((image_size, image_size, 3), name=Delta.IMAGE)
        part = source.select(sorted(taps))
        part.engine = engine or part.engine
        maps = part(image)
        logits = FoldedDeltas(deltas, name="deltas")(
            {Delta.IMAGE: image, **maps}
        )
        return _frozen(image, {name: logits[name] for name in deltas}, "served")


def _frozen(inputs: Any, outputs: Any, name: str) -> keras.Model:
    model = keras.Model(inputs, outputs, name=name)
    model.trainable = False
    return model
