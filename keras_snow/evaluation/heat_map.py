"""Where in an image the answer of a delta comes from."""

import dataclasses
from typing import Any

import numpy as np
from keras import ops

from keras_snow.core.checks import check_count
from keras_snow.core.registry import nearest_names
from keras_snow.deltas.delta import Delta
from keras_snow.models.snow_model import SNOWModel
from keras_snow.training.gradient import gradient_of

DELTA = "delta"
ALL = "all"
_END = "delta_pool"  # Reads the last maps of a `ResNetDelta`.


@dataclasses.dataclass(frozen=True)
class HeatMap:
    """What `heat_map` found.

    Args:
        heat: `(height, width)`, not negative, at most 1.
        label: The class whose logit was explained.
        probability: Of this class.

    Examples:
        >>> HeatMap(np.ones((32, 32)), label=3, probability=0.9).label
        3
    """

    heat: np.ndarray
    label: int
    probability: float


def heat_map(
    model: SNOWModel,
    image: np.ndarray,
    label: int | None = None,
    place: str = ALL,
) -> HeatMap:
    """Finds the parts of an image that raise the logit of a class.

    Each map is multiplied by the gradient of the logit, pixel by pixel, and
    summed over the channels; what is positive is heat. Grad-CAM averages the
    gradient over the pixels before; but a head that reads the deviation of a
    map has a gradient whose mean is 0, so that its part would be lost.

    Reference:
        [Draelos and Carin, 2020](https://arxiv.org/abs/2011.08891), HiResCAM.

    Args:
        model: Source and delta.
        image: Raw RGB, `(height, width, 3)`.
        label: The class. The one that the model answers if None.
        place: The maps to look at: name of a tap, `"delta"` (the delta's own
            last maps), or `"all"`: all taps, each spread over the image.

    Raises:
        ValueError: If there is no such class or tap; names the nearest.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> x = keras.layers.Conv2D(16, 3, 2, "same", name="early")(image)
        >>> x = keras.layers.Conv2D(32, 3, 2, "same", name="late")(x)
        >>> model = SNOWModel.from_source(keras.Model(image, x), num_classes=5)
        >>> heat_map(model, np.zeros((32, 32, 3)), label=3).heat.shape
        (32, 32)
    """
    return heat_maps(model, np.asarray(image)[None], label, place)[0]


def heat_maps(
    model: SNOWModel,
    images: np.ndarray,
    label: int | None = None,
    place: str = ALL,
) -> list[HeatMap]:
    """Does for several images, at once, what `heat_map` does for one.

    Args:
        model: Source and delta.
        images: Raw RGB, `(images, height, width, 3)`.
        label: The class. For each image the one that is answered if None.
        place: As of `heat_map`.

    Raises:
        ValueError: If there is no such class or tap; names the nearest.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> x = keras.layers.Conv2D(16, 3, 2, "same", name="early")(image)
        >>> x = keras.layers.Conv2D(32, 3, 2, "same", name="late")(x)
        >>> model = SNOWModel.from_source(keras.Model(image, x), num_classes=5)
        >>> len(heat_maps(model, np.zeros((2, 32, 32, 3))))
        2
    """
    delta = model.delta
    _check_place(delta, place)
    pixels = ops.convert_to_tensor(np.asarray(images, "float32"))
    inputs = {Delta.IMAGE: pixels, **model.source(pixels)}
    inputs = {
        name: ops.cast(inputs[name], "float32")
        for name in (Delta.IMAGE, *delta.tap_names)
    }
    logits, last = _run(delta, inputs)
    scores = ops.convert_to_numpy(ops.softmax(ops.cast(logits, "float32")))
    labels = _labels(label, scores)
    explained = ops.one_hot(labels, scores.shape[1])
    places = {DELTA: [DELTA], ALL: delta.tap_names}.get(place, [place])
    maps = {name: last if name == DELTA else inputs[name] for name in places}

    def total(offsets: Any) -> Any:
        # No image's logits depend on another image.
        return ops.sum(_run(delta, inputs, offsets)[0] * explained)

    zeros = {name: ops.zeros_like(value) for name, value in maps.items()}
    gradients = gradient_of(total, zeros)
    parts = [
        _spread(maps[name] * gradients[name], pixels.shape[1:3])
        for name in places
    ]
    return [
        HeatMap(heat / (heat.max() or 1.0), int(label), float(row[label]))
        for heat, label, row in zip(
            np.maximum(np.sum(parts, axis=0), 0.0), labels, scores, strict=True
        )
    ]


def _run(delta, inputs, offsets=None):
    """Returns logits and the delta's last maps, with offsets added to maps."""
    offsets = offsets or {}
    end = delta.get_layer(_END)
    last = []

    def call(operation, **_):
        if operation is not end:
            return operation

        def pool(maps, **arguments):
            maps = maps + offsets.get(DELTA, 0.0)
            last.append(maps)
            return operation(maps, **arguments)

        return pool

    shifted = {
        name: value + offsets[name] if name in offsets else value
        for name, value in inputs.items()
    }
    # In the order of the graph's own inputs.
    ordered = {name: shifted[name] for name in delta.input}
    logits = delta._run_through_graph(ordered, operation_fn=call)
    return logits, last[0]


def _spread(products, shape):
    """Sums over channels and resizes, so that the total stays the same."""
    total = ops.sum(products, axis=-1, keepdims=True)
    share = np.prod(total.shape[1:3]) / np.prod(shape)
    resized = ops.image.resize(
        total, tuple(shape), "bilinear", data_format="channels_last"
    )
    return ops.convert_to_numpy(resized)[..., 0] * float(share)


def _check_place(delta, place):
    known = [ALL, DELTA, *delta.tap_names]
    if place not in known:
        raise ValueError(
            f"The delta reads no such tap. {nearest_names(place, known)} "
            f"Received: tap={place!r}"
        )


def _labels(label, scores):
    count, classes = scores.shape
    if label is None:
        return np.argmax(scores, axis=1)
    if check_count("label", label, minimum=0) >= classes:
        raise ValueError(
            f"There are {classes} classes, counted from 0. "
            f"Received: label={label}"
        )
    return np.full(count, label)
