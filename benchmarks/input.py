"""How fast images arrive, for each way to cache them, beside training."""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np

from keras_snow.core.files import write_json
from keras_snow.data import Batches
from keras_snow.data import Task
from keras_snow.data import load_task
from keras_snow.data import training_batches

CACHES = ("none", "memory", "folder")
REPEATS = 5


def input_rate(
    task: Task,
    image_size: int,
    batch_size: int,
    cache: str | None = None,
    augmentation: str = "crop",
) -> float:
    """Measures the training batches of a task, in images a second.

    The median of five passes over the training images, after one that fills
    caches and queues.

    Args:
        task: What to read.
        image_size: Pixels of a side.
        batch_size: Images in a batch.
        cache: As of `training_batches`.
        augmentation: As of `training_batches`.

    Examples:
        >>> images = np.zeros((20, 32, 32, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10)
        >>> input_rate(task, image_size=32, batch_size=4) > 0
        True
    """
    batches = training_batches(
        task, image_size, batch_size, augmentation=augmentation, cache=cache
    )
    stream = _stream(batches, passes=REPEATS + 1)

    def one_pass() -> None:
        for _ in range(batches.steps):
            next(stream)

    return batches.num_examples / _median_time(one_pass)


def step_rate(
    source: str,
    num_classes: int,
    image_size: int,
    batch_size: int,
    weights: str | None = None,
) -> float:
    """Measures SNOW's training step on one batch, in images a second.

    The median of five steps, after one that compiles.

    Args:
        source: A source's name, or a `.keras` file.
        num_classes: Classes of the task.
        image_size: Pixels of a side.
        batch_size: Images in a batch.
        weights: Weights of the source; they do not change the time.
    """
    from keras_snow.models import SNOWModel

    model = SNOWModel.from_source(source, num_classes, weights)
    random = np.random.default_rng(0)
    shape = (batch_size, image_size, image_size, 3)
    images = random.integers(0, 256, shape).astype("float32")
    labels = np.arange(batch_size) % num_classes

    def one_step() -> None:
        # The loss is asked for, so the step is over when this returns.
        float(np.ravel(model.train_on_batch(images, labels))[0])

    return batch_size / _median_time(one_step)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measures what the options ask for.

    Args:
        options: What `parse` returned.

    Returns:
        Rates in images a second, and what they were measured on.
    """
    task = _at_most(load_task(options.task), options.images)
    rates: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        places = {"none": None, "memory": "memory", "folder": folder}
        for name in options.caches:
            rates[name] = input_rate(
                task,
                options.image_size,
                options.batch_size,
                places[name],
                options.augmentation,
            )
    step = None
    if options.source != "none":
        step = step_rate(
            options.source,
            task.num_classes,
            options.image_size,
            options.batch_size,
        )
    return {
        "task": task.name,
        "image_size": options.image_size,
        "batch_size": options.batch_size,
        "augmentation": options.augmentation,
        "images": len(task.split("train")),
        "cores": len(os.sched_getaffinity(0)),
        "backend": keras.backend.backend(),
        "source": options.source,
        "input_images_per_second": rates,
        "step_images_per_second": step,
    }


def table(result: dict[str, Any]) -> str:
    """Formats a result for people.

    Args:
        result: What `measure` returned.
    """
    step = result["step_images_per_second"]
    lines = [
        f"{result['task']}: {result['images']} images at "
        f"{result['image_size']} px, batches of {result['batch_size']}, "
        f"{result['cores']} cores",
        f"{'cache':16}{'images/s':>10}{'x training':>12}",
    ]
    for name, rate in result["input_images_per_second"].items():
        factor = f"{rate / step:12.1f}" if step else ""
        lines.append(f"{name:16}{rate:10.1f}{factor}")
    if step:
        lines.append(f"{'training step':16}{step:10.1f}{1:12.1f}")
    return "\n".join(lines)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line.

    Args:
        arguments: Without the program's name; those of the process if None.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.input",
        description=__doc__,
        epilog="Example: python -m benchmarks.input birds "
        "--image-size 224 --batch-size 32",
    )
    add = parser.add_argument
    add("task", help="a folder of images, a .csv, an .npz, or a name")
    add("--image-size", type=int, default=224)
    add("--batch-size", type=int, default=32)
    add("--augmentation", default="crop")
    add("--caches", nargs="+", choices=CACHES, default=list(CACHES))
    add("--images", type=int, default=512, help="use about this many")
    add(
        "--source",
        default="resnet50",
        help="whose training step to measure; `none` leaves it out",
    )
    add("--json", metavar="FILE", help="also write the result to a file")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Measures, prints a table and returns the exit code.

    Args:
        arguments: Without the program's name; those of the process if None.
    """
    options = parse(arguments)
    try:
        result = measure(options)
        if options.json:
            write_json(options.json, result)
    except (ValueError, TypeError, OSError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return 2
    sys.stdout.write(table(result) + "\n")
    return 0


def _stream(batches: Batches, passes: int) -> Iterator[Any]:
    """Yields batches as `fit` gets them: ahead of time, by several threads."""
    if keras.backend.backend() == "tensorflow":
        yield from batches.data
        return
    with ThreadPoolExecutor() as threads:
        yield from threads.map(batches.reader, range(passes * batches.steps))


def _median_time(function: Callable[[], None]) -> float:
    function()
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _at_most(task: Task, images: int) -> Task:
    """Returns the task with about so many training images."""
    if len(task.split("train")) <= images:
        return task
    smallest = int(np.bincount(task.labels("train")).min())
    return task.subset(max(1, min(smallest, images // task.num_classes)))


if __name__ == "__main__":
    sys.exit(main())
