"""What a step of many settings costs, side by side and one after the other.

    python -m benchmarks.sweep --source resnet50 --image-size 128 \
        --settings 8 --steps 6 --json sweep.json

Both ways take turns step by step, so that what else the machine does falls on
both alike; the figure to quote is the ratio of processor times, which other
processes leave alone.
"""

import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from benchmarks.parser import parser_of
from keras_snow.core.checks import check_count
from keras_snow.core.files import write_json
from keras_snow.models.snow_model import SNOWModel
from keras_snow.recipes.presets import SMALL
from keras_snow.sources.networks import load_source
from keras_snow.sources.origin import without_download
from keras_snow.sources.source import Source
from keras_snow.tuning.side_by_side import SideBySide

SIGMAS = (0.3, 0.1, 0.0316, 0.01)
WIDTHS = (0.125, 0.0625)


def measure(
    source: Source,
    image_size: int = 128,
    batch_size: int = 32,
    count: int = 8,
    steps: int = 6,
    num_classes: int = 30,
) -> dict[str, Any]:
    """Measures a step of all settings, both ways.

    Args:
        source: The source.
        image_size: Pixels of a side.
        batch_size: Images a step.
        count: Settings; they differ in sigma, width, K and seed.
        steps: Measured steps, after one that traces.
        num_classes: Classes of the task.

    Returns:
        `side_by_side` and `separate`: medians of `seconds` and of
        `processor_seconds` (all cores together) of a step of all settings;
        `faster` and `faster_in_processor_time`: their ratios.
    """
    check_count("count", count)
    draw = np.random.default_rng(0)
    shape = (batch_size, image_size, image_size, 3)
    images = draw.uniform(0, 255, shape).astype("float32")
    labels = draw.integers(0, num_classes, batch_size).astype("int32")
    together = _side_by_side(source, count, num_classes)
    together.prepare(images, labels)
    # Sigma and seed cost nothing: one model a width stands for all of it.
    alone = [_model(source, num_classes, 0, width) for width in WIDTHS]

    def one_after_the_other() -> None:
        for number in range(count):
            model = alone[number // len(SIGMAS) % len(WIDTHS)]
            model.train_on_batch(images, labels)

    times = _take_turns(
        {
            "side_by_side": lambda: together.train_on_batch(images, labels),
            "separate": one_after_the_other,
        },
        steps,
    )
    ratios = {
        name: times["separate"][kind] / times["side_by_side"][kind]
        for name, kind in (
            ("faster", "seconds"),
            ("faster_in_processor_time", "processor_seconds"),
        )
    }
    return {**times, **ratios}


def _model(source, num_classes, number, width):
    sigma = SIGMAS[number % len(SIGMAS)]
    model = SNOWModel.from_source(
        source, num_classes, sigma=sigma, width=width, seed=number
    )
    model.compile_with(SMALL)
    return model


def _side_by_side(source, count, num_classes):
    deltas = []
    for number in range(count):
        width = WIDTHS[number // len(SIGMAS) % len(WIDTHS)]
        model = _model(source, num_classes, number, width)
        model.delta.compile(
            optimizer=SMALL.build_optimizer(),
            loss=SMALL.build_loss(),
            metrics=["accuracy"],
        )
        model.delta.optimizer.build(model.delta.trainable_variables)
        deltas.append(model.delta)
    together = SideBySide(source, deltas)
    together.compile(optimizer=None, jit_compile=False)
    return together


def _take_turns(
    ways: dict[str, Callable[[], Any]], steps: int
) -> dict[str, dict[str, float]]:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    for step in range(steps + 1):
        for name, way in ways.items():
            start, used = time.perf_counter(), time.process_time()
            way()
            if step:
                seconds[name].append(time.perf_counter() - start)
                busy[name].append(time.process_time() - used)
    return {
        name: {
            "seconds": statistics.median(seconds[name]),
            "processor_seconds": statistics.median(busy[name]),
        }
        for name in ways
    }


def main(arguments: list[str] | None = None) -> None:
    """Runs the benchmark from the command line.

    Args:
        arguments: The command line, without the program's name.
    """
    parser = parser_of("sweep", __doc__)
    parser.add_argument("--source", default="resnet50")
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--settings", type=int, default=8)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--json", metavar="FILE")
    given = parser.parse_args(arguments)
    try:
        found = measure(
            load_source(given.source, without_download(given.source)),
            given.image_size,
            given.batch_size,
            given.settings,
            given.steps,
        )
    except (ValueError, OSError) as error:
        parser.error(str(error))
    for name in ("side_by_side", "separate"):
        print(  # noqa: T201
            f"{name:>12}  {found[name]['seconds']:7.2f} s a step of all  "
            f"{found[name]['processor_seconds']:7.2f} s of processor time"
        )
    print(  # noqa: T201
        f"{found['faster']:.2f} times as fast, "
        f"{found['faster_in_processor_time']:.2f} in processor time"
    )
    if given.json:
        settings = vars(given) | {
            "backend": keras.backend.backend(),
            "keras": keras.__version__,
            "machine": platform.machine(),
        }
        write_json(given.json, {"settings": settings, **found})


if __name__ == "__main__":
    main()
