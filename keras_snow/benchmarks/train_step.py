"""What a training step of each method costs, measured side by side.

    python -m keras_snow.benchmarks.train_step --methods snow,fo \
        --image-size 224 --batch-size 16 --json steps.json

The methods take turns step by step, so that what else the machine does falls on
all of them alike; the figure to quote is the ratio of the medians.
"""

import argparse
import platform
import statistics
import time
from typing import Any

import keras
import numpy as np

from keras_snow.baselines import METHODS
from keras_snow.baselines import build_method
from keras_snow.benchmarks.parser import parser_of
from keras_snow.core.files import write_json
from keras_snow.recipes.presets import PAPER
from keras_snow.sources.networks import load_source
from keras_snow.training.strategy import Placement
from keras_snow.training.strategy import choose_placement


def measure(
    methods: list[str],
    source: str = "resnet50",
    image_size: int = 224,
    batch_size: int = 16,
    steps: int = 15,
    num_classes: int = 196,
    placement: Placement | None = None,
) -> list[dict[str, Any]]:
    """Measures the training steps of some methods, interleaved.

    Args:
        methods: Names of methods.
        source: A name (random weights, which cost the same) or a `.keras` file.
        image_size: Height and width of the images, in pixels.
        batch_size: Images a step.
        steps: Measured steps of each method, after two to warm up.
        num_classes: Number of classes.
        placement: Device, XLA and precision. The package's choice if None.

    Returns:
        A row a method: median, p5 and p95 of the step in seconds, median of
        the processor time that it takes on all cores together, images a
        second, trained parameters, and images/s relative to the last method.

    Raises:
        ValueError: If a method or source is unknown.
    """
    placement = placement or choose_placement()
    with placement.scope():
        models = _build(methods, source, num_classes, batch_size, placement)
    rng = np.random.default_rng(0)
    shape = (batch_size, image_size, image_size, 3)
    images = rng.uniform(0, 255, shape).astype("float32")
    labels = rng.integers(0, num_classes, batch_size).astype("int32")
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    busy: dict[str, list[float]] = {name: [] for name in methods}
    for step in range(steps + 2):
        for name, model in models.items():
            start, used = time.perf_counter(), time.process_time()
            model.train_on_batch(images, labels)
            if step >= 2:
                seconds[name].append(time.perf_counter() - start)
                busy[name].append(time.process_time() - used)
    return _rows(models, seconds, busy, batch_size)


def _build(methods, source, num_classes, batch_size, placement):
    frozen = load_source(source, weights=None)
    models = {}
    for name in methods:
        model = build_method(name, frozen, num_classes)
        model.compile(
            optimizer=PAPER.replace(batch_size=batch_size).build_optimizer(),
            loss=PAPER.build_loss(),
            jit_compile=placement.compiles_step,
        )
        models[name] = model
    return models


def _rows(models, seconds, busy, batch_size):
    base = statistics.median(seconds[list(models)[-1]])
    return [
        {
            "method": name,
            "seconds": statistics.median(seconds[name]),
            "p5": float(np.percentile(seconds[name], 5)),
            "p95": float(np.percentile(seconds[name], 95)),
            "processor_seconds": statistics.median(busy[name]),
            "images_per_second": batch_size / statistics.median(seconds[name]),
            "relative_throughput": base / statistics.median(seconds[name]),
            "trained_parameters": sum(
                int(np.prod(weight.shape)) for weight in model.trainable_weights
            ),
        }
        for name, model in models.items()
    ]


def main(arguments: list[str] | None = None) -> None:
    """Runs the benchmark from the command line.

    Args:
        arguments: The command line, without the program's name.
    """
    parser = parser_of("train_step", __doc__)
    parser.add_argument("--methods", default="snow,fo")
    parser.add_argument("--source", default="resnet50")
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--precision", metavar="NAME")
    parser.add_argument(
        "--xla", action=argparse.BooleanOptionalAction, default=None
    )
    parser.add_argument("--json", metavar="FILE")
    given = parser.parse_args(arguments)
    methods = given.methods.split(",")
    try:
        for name in methods:
            METHODS.get(name)
        placement = choose_placement("one_device", given.xla, given.precision)
        rows = measure(
            methods,
            given.source,
            given.image_size,
            given.batch_size,
            given.steps,
            placement=placement,
        )
    except (ValueError, OSError) as error:
        parser.error(str(error))
    for row in rows:
        print(  # noqa: T201
            f"{row['method']:>10}  {row['seconds']:7.3f} s a step  "
            f"{row['processor_seconds']:7.3f} s of processor time  "
            f"{row['images_per_second']:7.1f} images/s  "
            f"{row['relative_throughput']:5.3f} of {methods[-1]}"
        )
    if given.json:
        settings = vars(given) | {
            "backend": keras.backend.backend(),
            "keras": keras.__version__,
            "machine": platform.machine(),
            "placement": placement.to_dict(),
        }
        write_json(given.json, {"settings": settings, "rows": rows})


if __name__ == "__main__":
    main()
