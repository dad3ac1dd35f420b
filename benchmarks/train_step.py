"""What a training step of each method costs, measured side by side.

    python -m benchmarks.train_step --methods snow,fo \
        --image-size 224 --batch-size 16 --json steps.json

The methods take turns step by step, so that what else the machine does falls on
all alike; quote the ratio of the medians, to FO's, else to the last method's.
`snow:bfloat16` is a method and the engine of its source. `--out DIR` writes a
table and a figure too, beside the paper's Table 8.
`--strategy mirrored`, on JAX `data_parallel`, measures all GPUs of the host;
`--devices 2` parts a CPU. `KERAS_BACKEND=jax` adds what XLA plans for a step.
"""

import argparse
import contextlib
import pathlib
import platform
import statistics
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from benchmarks.parser import parser_of
from keras_snow.baselines import METHODS
from keras_snow.baselines import build_method
from keras_snow.core.checks import check_count
from keras_snow.core.files import write_json
from keras_snow.core.table import ABSENT
from keras_snow.core.table import format_table
from keras_snow.recipes.presets import PAPER
from keras_snow.reports.beside_paper import paper_relative_speed
from keras_snow.sources.networks import load_source
from keras_snow.sources.origin import without_download
from keras_snow.training.devices import part_cpu
from keras_snow.training.engines import set_engine
from keras_snow.training.replicas import fitted_to_replicas
from keras_snow.training.step_plan import StepPlan
from keras_snow.training.step_plan import plan_step
from keras_snow.training.strategy import Placement
from keras_snow.training.strategy import choose_placement
from keras_snow.visualization.canvas import new_figure
from keras_snow.visualization.canvas import save_figure

WARM_UP = 2  # Steps that are not measured.
PAPER_TASK = "cars196"  # Of those in Table 8, the one with 196 classes.


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
        methods: Names of methods, each with or without `:ENGINE`.
        source: A name (random weights, which cost the same) or a `.keras` file.
        image_size: Height and width of the images, in pixels.
        batch_size: Images a step.
        steps: Measured steps of each method, after two to warm up.
        num_classes: Number of classes.
        placement: Device, XLA and precision. The package's choice if None.

    Returns:
        A row a method: median, p5 and p95 of the step in seconds, median of
        the processor time that it takes on all cores together, images a
        second, trained parameters, images/s relative to FO, or the last method
        without FO, and `flops` and `planned_bytes` of a step; None but on JAX
        and one device.

    Raises:
        ValueError: If a method or source is unknown, or the batch does not
            divide among the devices.
    """
    placement = placement or choose_placement()
    if batch_size % placement.replicas:
        raise ValueError(
            "The batch must divide evenly among the devices. Received: "
            f"batch_size={batch_size}, devices={placement.replicas}"
        )
    rng = np.random.default_rng(0)
    shape = (batch_size, image_size, image_size, 3)
    images = rng.uniform(0, 255, shape).astype("float32")
    labels = rng.integers(0, num_classes, batch_size).astype("int32")
    with contextlib.ExitStack() as stack:
        # JAX parts a batch among devices inside the scope only.
        stack.enter_context(placement.scope())
        models = _build(methods, source, num_classes, batch_size, placement)
        for model in models.values():
            stack.enter_context(fitted_to_replicas(model, placement))
        steppers = {
            name: _stepper(model, images, labels, placement)
            for name, model in models.items()
        }
        clocks = _take_turns(steppers, steps)
        plans = _plan(models, batch_size, image_size, placement)
    return _rows(models, clocks, plans, batch_size)


def reference_of(methods: Sequence[str]) -> str:
    """Returns the method whose speed is 1.

    Args:
        methods: Those that are measured.

    Examples:
        >>> reference_of(["snow", "fo:keras", "fo"])
        'fo:keras'
        >>> reference_of(["snow", "ft"])
        'ft'
    """
    return next((x for x in methods if _parted(x)[0] == "fo"), methods[-1])


def _parted(method: str) -> tuple[str, str | None]:
    """Returns the name of a method and its engine."""
    name, _, engine = method.partition(":")
    return name, engine or None


class _Clock(keras.callbacks.Callback):
    """Measures steps, without what `fit` does before and after them."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self.busy: list[float] = []

    def on_train_batch_begin(self, batch, logs=None):
        self._start = time.perf_counter(), time.process_time()

    def on_train_batch_end(self, batch, logs=None):
        start, used = self._start
        self.seconds.append(time.perf_counter() - start)
        self.busy.append(time.process_time() - used)


def _stepper(
    model: keras.Model,
    images: np.ndarray,
    labels: np.ndarray,
    placement: Placement,
) -> Callable[[_Clock], Any]:
    """Returns what trains a step while a clock runs."""
    if placement.strategy != "mirrored":

        def step(clock: _Clock) -> None:
            clock.on_train_batch_begin(0)
            model.train_on_batch(images, labels)
            clock.on_train_batch_end(0)

        return step
    import tensorflow as tf

    # `train_on_batch` would hand the whole batch to each replica.
    data = tf.data.Dataset.from_tensors((images, labels)).repeat()
    return lambda clock: keras.Model.fit(
        model,
        data,
        steps_per_epoch=1,
        callbacks=[clock],
        shuffle=False,
        verbose=0,
    )


def _take_turns(
    steppers: Mapping[str, Callable[[_Clock], Any]], steps: int
) -> dict[str, _Clock]:
    clocks = {name: _Clock() for name in steppers}
    for turn in range(steps + WARM_UP):
        for name, step in steppers.items():
            step(_Clock() if turn < WARM_UP else clocks[name])
    return clocks


def _build(methods, source, num_classes, batch_size, placement):
    frozen = load_source(source, without_download(source))
    models = {}
    for method in methods:
        name, engine = _parted(method)
        model = build_method(name, frozen, num_classes)
        set_engine(model, engine)
        model.compile(
            optimizer=PAPER.replace(batch_size=batch_size).build_optimizer(),
            loss=PAPER.build_loss(),
            jit_compile=placement.compiles_step,
        )
        models[method] = model
    return models


def _plan(
    models: Mapping[str, keras.Model],
    batch_size: int,
    image_size: int,
    placement: Placement,
) -> dict[str, StepPlan | None]:
    """Returns XLA's plans, where they are of what was measured."""
    if placement.replicas > 1:
        return dict.fromkeys(models)
    recipe = PAPER.replace(batch_size=batch_size)
    return {
        name: plan_step(model, recipe, image_size)
        for name, model in models.items()
    }


def _rows(
    models: Mapping[str, keras.Model],
    clocks: Mapping[str, _Clock],
    plans: Mapping[str, StepPlan | None],
    batch_size: int,
) -> list[dict[str, Any]]:
    medians = {
        name: statistics.median(clock.seconds) for name, clock in clocks.items()
    }
    base = medians[reference_of(list(models))]
    return [
        {
            "method": name,
            "seconds": medians[name],
            "p5": float(np.percentile(clocks[name].seconds, 5)),
            "p95": float(np.percentile(clocks[name].seconds, 95)),
            "processor_seconds": statistics.median(clocks[name].busy),
            "images_per_second": batch_size / medians[name],
            "relative_throughput": base / medians[name],
            "trained_parameters": sum(
                int(np.prod(weight.shape)) for weight in model.trainable_weights
            ),
            "flops": (plan := plans[name]) and plan.flops,
            "planned_bytes": plan and plan.bytes,
        }
        for name, model in models.items()
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """Returns the steps as a Markdown table, fastest first.

    Args:
        rows: Those of `measure`. What XLA plans has columns where it is known.
    """
    base = reference_of([row["method"] for row in rows])
    planned = all(row["flops"] for row in rows)
    head = [
        "method",
        "seconds a step",
        "images/s",
        f"{base} = 1",
        "paper, fo = 1",
        "trained, M",
        *(["GFLOP a step", "planned MB"] if planned else []),
    ]
    lines = []
    for row in sorted(rows, key=lambda row: row["seconds"]):
        theirs = _speed_in_paper(row)
        lines.append(
            [
                f"`{row['method']}`",
                f"{row['seconds']:.3f}",
                f"{row['images_per_second']:.1f}",
                f"{row['relative_throughput']:.2f}",
                ABSENT if theirs is None else f"{theirs:.2f}",
                f"{row['trained_parameters'] / 1e6:.2f}",
                *(_planned(row) if planned else []),
            ]
        )
    return format_table(head, lines)


def _speed_in_paper(row: dict[str, Any]) -> float | None:
    return paper_relative_speed(_parted(row["method"])[0], PAPER_TASK)


def _line(row: dict[str, Any], base: str) -> str:
    line = (
        f"{row['method']:>14}  {row['seconds']:7.3f} s a step  "
        f"{row['processor_seconds']:7.3f} s of processor time  "
        f"{row['images_per_second']:7.1f} images/s  "
        f"{row['relative_throughput']:5.3f} of {base}"
    )
    if not row["flops"]:
        return line
    operations, memory = _planned(row)
    return f"{line}  {operations} GFLOP  {memory} MB"


def _planned(row: dict[str, Any]) -> list[str]:
    return [f"{row['flops'] / 1e9:.1f}", f"{row['planned_bytes'] / 1e6:.0f}"]


def draw_steps(rows: list[dict[str, Any]]) -> Any:
    """Draws the speed of each method beside the paper's.

    Args:
        rows: Those of `measure`.
    """
    found = sorted(rows, key=lambda row: row["seconds"])
    theirs = [_speed_in_paper(row) or 0.0 for row in found]
    figure = new_figure(height=450, width=700)
    axis = figure.subplots()
    places = np.arange(len(found))
    ours = [row["relative_throughput"] for row in found]
    axis.barh(places - 0.2, ours, 0.4, label="here")
    axis.barh(places + 0.2, theirs, 0.4, label="the paper, one V100, fo = 1")
    axis.set_yticks(places, [row["method"] for row in found])
    axis.invert_yaxis()
    base = reference_of([row["method"] for row in rows])
    axis.set_xlabel(f"images a second in training, {base} = 1")
    axis.legend()
    return figure


def _place(given: argparse.Namespace) -> Placement:
    check_count("devices", given.devices)
    implied = part_cpu(given.devices) if given.devices > 1 else "auto"
    placement = choose_placement(
        given.strategy or implied, given.xla, given.precision
    )
    if placement.strategy == "multi_host":
        raise ValueError(
            "Steps are measured on one host. Choose `data_parallel`. "
            f"Received: strategy={given.strategy!r}"
        )
    return placement


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
    parser.add_argument("--num-classes", type=int, default=196)
    parser.add_argument("--precision", metavar="NAME")
    parser.add_argument(
        "--xla", action=argparse.BooleanOptionalAction, default=None
    )
    parser.add_argument("--strategy", metavar="NAME")
    parser.add_argument("--devices", type=int, default=1)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--out", metavar="DIR")
    given = parser.parse_args(arguments)
    methods = given.methods.split(",")
    try:
        for name in methods:
            METHODS.get(_parted(name)[0])
        if given.out:
            # Known before minutes of measuring.
            pathlib.Path(given.out).mkdir(parents=True, exist_ok=True)
        placement = _place(given)
        rows = measure(
            methods,
            given.source,
            given.image_size,
            given.batch_size,
            given.steps,
            check_count("num_classes", given.num_classes, minimum=2),
            placement,
        )
    except (ValueError, OSError) as error:
        parser.error(str(error))
    for row in rows:
        print(_line(row, reference_of(methods)))  # noqa: T201
    settings = vars(given) | {
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
        "machine": platform.machine(),
        "placement": placement.to_dict(),
        "reference": reference_of(methods),
    }
    if given.json:
        write_json(given.json, {"settings": settings, "rows": rows})
    if given.out:
        folder = pathlib.Path(given.out)
        write_json(folder / "steps.json", {"settings": settings, "rows": rows})
        (folder / "steps.md").write_text(table(rows) + "\n", encoding="utf-8")
        save_figure(draw_steps(rows), folder / "steps.png")


if __name__ == "__main__":
    main()
