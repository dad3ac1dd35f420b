"""How far logits are from the trained deltas': by packing, by a runtime."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from keras import ops

from keras_snow.deltas.delta import Delta
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.sources.source import Source

if TYPE_CHECKING:
    from keras_snow.serving.bundle import Bundle
    from keras_snow.serving.runtimes.runtime import Runtime

IMAGES = 4
_CELLS = 8


def measure_deviation(
    bundle: Bundle,
    runtime: Runtime,
    image_size: int,
    batch_sizes: Sequence[int] = (IMAGES,),
    engine: str | None = None,
) -> float:
    """Compares a runtime with the deltas as the bundle keeps them.

    How far these are from the trained ones is in `packing_deviation` of each
    task.

    Args:
        bundle: Where the deltas are.
        runtime: A folded model of some of its tasks.
        image_size: Pixels of a side.
        batch_sizes: Numbers of images that the runtime is given; it may have
            a model of its own for each.
        engine: How the source is run for the deltas; None for its own way.

    Returns:
        The largest difference of a logit, of each task relative to its largest
        logit; of the task and the batch where it is largest.
    """
    images = draw_images(image_size)
    expected = bundle.reference(image_size, runtime.outputs, engine)
    worst = 0.0
    for size in batch_sizes:
        rows = np.arange(size) % IMAGES
        wanted = {name: expected[name][rows] for name in expected}
        worst = max(worst, deviation(wanted, runtime(images[rows])))
    return worst


def measure_packing(
    delta: Delta, packed: Delta, source: Source, image_size: int
) -> float | None:
    """Compares a packed delta with the one that was packed.

    Args:
        delta: As it was trained.
        packed: As it is kept.
        source: A source with the taps that they read.
        image_size: Pixels of a side; a source of a fixed size has its own.

    Returns:
        As of `measure_deviation`; None if a logit is no finite number.
    """
    side = source.network.input_shape[1] or image_size
    pixels = ops.convert_to_tensor(draw_images(side))
    inputs = {delta.IMAGE: pixels, **source(pixels)}
    expected, found = (
        {"": ops.convert_to_numpy(each(inputs, training=False))}
        for each in (delta, packed)
    )
    share = deviation(expected, found)
    return share if np.isfinite(share) else None


def worst_packing(tasks: Iterable[BundledTask]) -> float | None:
    """Returns the largest deviation that packing makes.

    Returns:
        Relative to the largest logit; None if one is not known.

    Examples:
        >>> birds = BundledTask("birds", 1, 2, (), packing_deviation=3e-5)
        >>> worst_packing([birds])
        3e-05
        >>> worst_packing([birds, BundledTask("cars", 1, 2, ())]) is None
        True
    """
    known = [task.packing_deviation for task in tasks]
    shares = [share for share in known if share is not None]
    if len(shares) < len(known):
        return None
    return max(shares, default=0.0)


def describe_deviation(by_runtime: float, by_packing: float | None) -> str:
    """Says in words how far logits are from the trained deltas'.

    Args:
        by_runtime: From the bundle's deltas, relative to the largest logit.
        by_packing: Theirs from the trained ones; None if it is not known.

    Examples:
        >>> describe_deviation(3e-6, 6e-5)
        "logits differ by 3.0e-06 of the largest ... these by 6.0e-05 from ..."
    """
    packing = "an unknown share" if by_packing is None else f"{by_packing:.1e}"
    return (
        f"logits differ by {by_runtime:.1e} of the largest from the bundle's "
        f"deltas, and these by {packing} from the trained ones"
    )


def deviation(
    expected: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray]
) -> float:
    """Returns the largest difference relative to the largest logit.

    Args:
        expected: Logits by task.
        found: Logits by task; NaN deviates without bound.

    Examples:
        >>> logits = np.array([[1.0, -4.0]])
        >>> deviation({"birds": logits}, {"birds": logits + 0.2})
        0.05
    """
    worst = 0.0
    for name, values in expected.items():
        scale = max(float(np.abs(values).max()), 1e-12)
        share = float(np.abs(found[name] - values).max()) / scale
        worst = max(worst, share if np.isfinite(share) else np.inf)
    return round(worst, 12)


def draw_images(image_size: int, count: int = IMAGES) -> np.ndarray:
    """Returns images of coloured squares with noise, always the same.

    Examples:
        >>> draw_images(32).shape
        (4, 32, 32, 3)
    """
    draw = np.random.default_rng(0)
    coarse = draw.uniform(20, 235, (count, _CELLS, _CELLS, 3))
    places = np.arange(image_size) * _CELLS // image_size
    images = coarse[:, places][:, :, places]
    noise = draw.normal(0, 15, images.shape)
    return np.clip(images + noise, 0, 255).astype("float32")
