"""Mean and deviation of a task's pixels, beside ImageNet's."""

from typing import Any

import numpy as np

from keras_snow.core.progress import watched
from keras_snow.data.cache import CacheChoice
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.task import Task
from keras_snow.metrics.channel_statistics import ChannelStatistics

WHITE = 255.0
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
"""Of red, green and blue from 0 to 1, as torchvision's documentation has it."""

_BATCH = 32


def measure_pixels(
    task: Task,
    image_size: int,
    cache: CacheChoice = None,
    verbose: bool = False,
) -> dict[str, Any]:
    """Measures the training images as evaluation crops them, in one pass.

    Args:
        task: The task; validation and test images are not looked at.
        image_size: Pixels of a side.
        cache: As of `training_batches`.
        verbose: Whether to show a progress bar.

    Returns:
        `mean` and `std` of red, green and blue from 0 to 1, and `images`.

    Raises:
        OSError: If an image can't be read.
        ValueError: If one is damaged; the message names it.

    Examples:
        >>> images = np.full((10, 8, 8, 3), 51, "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 5, test=0)
        >>> measure_pixels(task, 8)["mean"]
        [0.2, 0.2, 0.2]
    """
    batches = evaluation_batches(task, "train", image_size, _BATCH, cache=cache)
    statistics = ChannelStatistics()
    steps = range(batches.steps)
    for step in watched(steps, len(steps), "batch", "statistics", verbose):
        images, _ = batches.reader(step)
        statistics.update(images)
    return {
        "mean": (statistics.mean / WHITE).tolist(),
        "std": (statistics.std / WHITE).tolist(),
        "images": batches.num_examples,
    }


def rescaling_to_imagenet(
    statistics: dict[str, Any],
) -> tuple[list[float], list[float]]:
    """Returns what gives raw pixels ImageNet's mean and deviation.

    A source that takes ImageNet's statistics off its pixels then sees mean 0
    and deviation 1; any other source pixels as it was trained on.

    Returns:
        Factors and offsets of raw pixels (0 to 255), one a channel. A channel
        that never changes is shifted only.

    Examples:
        >>> rescaling_to_imagenet(IMAGENET)
        ([1.0, 1.0, 1.0], [0.0, 0.0, 0.0])
    """
    mean, std = (np.array(statistics[name]) for name in ("mean", "std"))
    varies = std > 0
    wanted = np.where(varies, IMAGENET["std"], 1.0)
    scale = wanted / np.where(varies, std, 1.0)
    offset = WHITE * (np.array(IMAGENET["mean"]) - mean * scale)
    return scale.tolist(), offset.tolist()
