"""The demo's tasks: drawn by the package, so they need no download."""

import zlib

import numpy as np

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative
from keras_snow.core.memory import check_memory
from keras_snow.data.demo_drawing import draw
from keras_snow.data.demo_scenes import SCENES
from keras_snow.data.task import Task

# Evaluation enlarges an image by 256 / 224 and crops the centre; images of
# this size are cut to 40 pixels without being resampled.
IMAGE_SIZE = 46
TRAIN_IMAGES = 800
TEST_IMAGES = 1000


def load_demo_task(
    name: str,
    *,
    train: int = TRAIN_IMAGES,
    validation: float = 0.2,
    test: float = TEST_IMAGES,
    seed: int = 0,
    image_size: int = IMAGE_SIZE,
) -> Task:
    """Draws one of the demo's tasks.

    All classes are equally frequent. The seed decides everything, and a split
    does not depend on the size of the others.

    Args:
        name: `"shapes"`, which the demo's source learns, or one of the tasks
            that build on it: `"direction"`, `"frequency"`, `"pointing"`,
            `"counting"`, `"relation"`.
        train: Training images.
        validation: Validation images: 1 or more is their number, less their
            share of `train`, drawn in addition. 0 for none.
        test: Test images, likewise.
        seed: What is drawn.
        image_size: Height and width in pixels.

    Raises:
        TypeError: If a number of images is not a number.
        ValueError: If there is no such task, or a number is out of range.

    Examples:
        >>> load_demo_task("counting", train=40, test=20)
        Task('demo:counting', 5 classes, train: 40, validation: 8, test: 20)
    """
    scenes = SCENES.get(name)
    check_count("train", train, minimum=len(scenes.class_names))
    check_count("seed", seed, minimum=0)
    check_count("image_size", image_size, minimum=16)
    check_memory("what is drawn", 3 * train * image_size**2)
    counts = {"train": train}
    for split, amount in (("validation", validation), ("test", test)):
        counts[split] = _count_of(split, amount, train)
    parts = {
        split: draw_examples(name, count, [seed, index], image_size)
        for index, (split, count) in enumerate(counts.items())
        if count
    }
    return Task.from_arrays(
        parts,
        class_names=scenes.class_names,
        validation=0,
        test=0,
        name=f"demo:{name}",
    )


def draw_examples(
    name: str, count: int, seed: list[int], image_size: int = IMAGE_SIZE
) -> tuple[np.ndarray, np.ndarray]:
    """Draws images of a demo task with their class numbers.

    Args:
        name: The task.
        count: How many.
        seed: Numbers that decide what is drawn.
        image_size: Height and width in pixels.

    Returns:
        `(count, image_size, image_size, 3)`, `uint8`, and `(count,)`.
    """
    scenes = SCENES.get(name)
    rng = np.random.default_rng([zlib.crc32(name.encode()), *seed])
    labels = rng.permutation(np.arange(count) % len(scenes.class_names))
    return draw(scenes.compose(rng, labels), rng, image_size), labels


def _count_of(split: str, amount: float, train: int) -> int:
    check_not_negative(split, amount)
    return round(amount * train if amount < 1 else amount)
