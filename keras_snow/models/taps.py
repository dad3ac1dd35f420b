"""The taps of a source, as a delta wants them."""

from typing import Any

import numpy as np
from keras import ops

from keras_snow.core.host_values import value_of
from keras_snow.deltas.delta import Delta
from keras_snow.layers.map_statistics import map_statistics
from keras_snow.models.first_batch import peek
from keras_snow.sources.image_size import check_not_emptied
from keras_snow.sources.source import Source

# Images that the constants of the maps are measured on: the error of a standard
# deviation is then about 6 %.
CALIBRATION_IMAGES = 128


def tap_statistics(
    source: Source, x: Any, limit: int = CALIBRATION_IMAGES
) -> dict[str, np.ndarray]:
    """Returns what `SNOWModel.adapt` measures on the first images.

    Args:
        source: The source.
        x: Images, or batches of them, as of `SNOWModel.fit`.
        limit: Images that are enough.

    Returns:
        Tap -> what `map_statistics` gives, `(images, 2, channels)`.
    """
    return labelled_statistics(source, x, None, limit)[0]


def labelled_statistics(
    source: Source, x: Any, y: Any = None, limit: int | None = None
) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """Returns what `tap_statistics` does, and the labels of the images.

    Args:
        source: The source.
        x: Images, or batches of images and labels.
        y: Labels, if `x` is an array.
        limit: Images that are enough; None reads all.

    Returns:
        Tap -> `(images, 2, channels)`, and `(images,)` labels, or None.
    """
    measured: dict[str, list[np.ndarray]] = {}
    known, seen = [], 0
    for images, labels in peek(x, y, batch_size=32):
        for name, value in source(images.astype("float32")).items():
            found = ops.convert_to_numpy(map_statistics(value))
            measured.setdefault(name, []).append(found)
        if labels is not None:
            known.append(labels)
        seen += len(images)
        if limit and seen >= limit:
            break
    joined = {name: np.concatenate(parts) for name, parts in measured.items()}
    return joined, np.concatenate(known) if known else None


def are_measured(delta: Delta) -> bool:
    """Tells whether the constants of a delta's maps have been measured.

    Args:
        delta: The delta; its weights say so.
    """
    readers = [x for each in delta.calibrated.values() for x in each]
    for reader in readers:
        for name, start in (("deviation", 1.0), ("mean", 0.0)):
            constant = getattr(reader, name, None)
            if constant is not None and _has_left(constant, start):
                return True
    return not readers


def _has_left(variable, start):
    """Whether a variable has another value than a new one.

    In a stateless call it has a value there, which may be unknown, and another
    one outside.
    """
    values = (value_of(variable), value_of(variable._value))
    return any(x is not None and (x != start).any() for x in values)


def check_taps(source: Any, delta: Delta) -> None:
    """Looks whether a source has the taps that a delta reads.

    One that is cut behind its last tap may lack them.

    Args:
        source: A source; nothing else is looked at.
        delta: The delta.

    Raises:
        ValueError: If it has not.
    """
    if not isinstance(source, Source):
        return
    missing = source.missing(delta.tap_names)
    if missing:
        raise ValueError(
            "This source has been cut before a tap that the delta reads. Join "
            "the delta to the whole source with `SNOWModel.from_delta(source, "
            f"path)`. Received: source with the taps "
            f"{[tap.name for tap in source.taps]}, missing {missing}"
        )


def check_deepest_tap(source: Source, height: int, width: int) -> None:
    """Looks whether the deepest tap of a source leaves anything of an image.

    Args:
        source: The source.
        height: Pixels.
        width: Pixels.

    Raises:
        ValueError: If it does not.
    """
    least = max(tap.stride for tap in source.taps)
    if min(height, width) < least:
        raise ValueError(
            "The images are too small: the deepest tap has a stride of "
            f"{least} pixels. Enlarge them or tap earlier layers. "
            f"Received: height={height}, width={width}"
        )
    check_not_emptied(source.network, height, width)
