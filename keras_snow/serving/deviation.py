"""How far a runtime's logits are from those of the trained deltas."""

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from keras_snow.serving.bundle import Bundle
from keras_snow.serving.runtimes.runtime import Runtime

IMAGES = 4
_CELLS = 8


def measure_deviation(
    bundle: Bundle,
    runtime: Runtime,
    image_size: int,
    batch_sizes: Sequence[int] = (IMAGES,),
) -> float:
    """Compares a runtime with the deltas as they were trained.

    Args:
        bundle: Where the deltas are.
        runtime: A folded model of some of its tasks.
        image_size: Pixels of a side.
        batch_sizes: Numbers of images that the runtime is given; it may have
            a model of its own for each.

    Returns:
        The largest difference of a logit, of each task relative to its largest
        logit; of the task and the batch where it is largest.
    """
    images = draw_images(image_size)
    expected = bundle.predict(images, runtime.outputs)
    worst = 0.0
    for size in batch_sizes:
        rows = np.arange(size) % IMAGES
        wanted = {name: expected[name][rows] for name in expected}
        worst = max(worst, deviation(wanted, runtime(images[rows])))
    return worst


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

    Args:
        image_size: Pixels of a side.
        count: How many.

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
