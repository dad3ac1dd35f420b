"""Engine: the tasks of one size of images, compiled into one model."""

import dataclasses
import logging
import statistics
import time
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import keras

from keras_snow.core.errors import sentence_of
from keras_snow.core.limits import check_batch
from keras_snow.serving.bundle import Bundle
from keras_snow.serving.deviation import draw_images
from keras_snow.serving.deviation import measure_deviation
from keras_snow.serving.http.server_options import ServerOptions
from keras_snow.serving.image_sizes import group_by_size
from keras_snow.serving.open_runtime import EXACT
from keras_snow.serving.open_runtime import FASTEST
from keras_snow.serving.open_runtime import RUNTIMES
from keras_snow.serving.open_runtime import candidates
from keras_snow.serving.open_runtime import engine_for
from keras_snow.serving.open_runtime import is_left_open
from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.serving.task_engines import common_engine
from keras_snow.serving.task_engines import remark_on_engines

LOG = logging.getLogger("keras_snow.serve")
PASSES = 5  # Of each runtime, to tell the fastest.


@dataclasses.dataclass(frozen=True)
class Engine:
    """The tasks of one size of images, compiled into one model.

    Args:
        image_size: Pixels of a side.
        runtime_name: What answers.
        runtime: The model.
        deviation: How far its logits are from those of the bundle's deltas,
            relative to the largest.
        timed: If the fastest was taken, the seconds of a pass of a full batch
            by the name of the runtime.
        content: What tells its model from others: the source and the deltas.
    """

    image_size: int
    runtime_name: str
    runtime: Runtime
    deviation: float
    timed: Mapping[str, float] = dataclasses.field(default_factory=dict)
    content: Any = None


def compile_bundle(
    bundle: Bundle,
    options: ServerOptions,
    known: Mapping[int, Engine] | None = None,
) -> list[Engine]:
    """Folds and compiles all tasks, one model a size of images.

    Args:
        bundle: The bundle.
        options: Of the server.
        known: By the pixels of a side, what answered before. It is taken again
            where nothing has changed; where the choice of a runtime is left
            open, its own is, if it is exact.
    """
    known = known or {}
    groups = group_by_size(bundle.tasks, options.image_size)
    if remark := remark_on_engines(bundle.tasks):
        LOG.warning("%s", remark)
    engines = []
    for size, tasks in groups.items():
        check_batch(options.max_batch, size, "max_batch")
        before = known.get(size)
        content = bundle.source, *map(bundle.task, tasks)
        if before is None or before.content != content:
            name = before.runtime_name if before else None
            made = _compile(bundle, tasks, size, options, name)
            before = dataclasses.replace(made, content=content)
        engines.append(before)
    return engines


def _compile(
    bundle: Bundle,
    tasks: Sequence[str],
    image_size: int,
    options: ServerOptions,
    known: str | None,
) -> Engine:
    engine = common_engine(map(bundle.task, tasks))
    names = candidates(options.runtime, engine)
    plan = _Plan(bundle, tasks, image_size, [1, options.max_batch], engine)
    if not is_left_open(options.runtime):
        return plan.compile(names[0])
    if known in names:
        names = [known, *(name for name in names if name != known)]
    exact = _exact(plan, names)
    if options.runtime == FASTEST and known is None:
        return _fastest(list(exact), options.max_batch)
    return next(exact)


def _exact(plan: "_Plan", names: Sequence[str]) -> Iterator[Engine]:
    """Yields the runtimes that are exact; raises if there is none."""
    problems: dict[str, str] = {}
    first: Exception | None = None
    for name in names:
        try:
            engine = plan.compile(name)
        except Exception as error:  # Of somebody else's compiler.
            first = first or error
            problems[name] = sentence_of(error)
        else:
            if engine.deviation <= EXACT:
                yield engine
                continue
            problems[name] = f"deviates by {engine.deviation:.2g}"
        LOG.warning("%s is not taken: %s", name, problems[name])
    if len(problems) < len(names):
        return
    found = "; ".join(f"{name}: {why}" for name, why in problems.items())
    raise ValueError(
        "No installed runtime answers as the bundle's deltas do. Received: "
        f"{found or 'no runtimes'}"
    ) from first


def _fastest(engines: Sequence[Engine], batch: int) -> Engine:
    """Returns the engine whose passes of a full batch take the least time."""
    if len(engines) == 1:
        return engines[0]
    seconds: dict[str, list[float]] = {x.runtime_name: [] for x in engines}
    images = draw_images(engines[0].image_size, batch)
    for turn in range(PASSES + 1):  # The first warms up.
        for engine in engines:
            began = time.perf_counter()
            engine.runtime(images)
            if turn:
                seconds[engine.runtime_name].append(time.perf_counter() - began)
    medians = {name: statistics.median(x) for name, x in seconds.items()}
    fastest = min(engines, key=lambda engine: medians[engine.runtime_name])
    return dataclasses.replace(fastest, timed=medians)


@dataclasses.dataclass
class _Plan:
    """What is compiled, for whatever runtime."""

    bundle: Bundle
    tasks: Sequence[str]
    image_size: int
    batch_sizes: Sequence[int]
    engine: str | None
    models: dict[str | None, keras.Model] = dataclasses.field(
        default_factory=dict
    )

    def compile(self, name: str) -> Engine:
        """Compiles a model, and measures how it answers."""
        form = engine_for(name, self.engine)
        if form not in self.models:
            self.models[form] = self.bundle.fold(
                self.tasks, self.image_size, form
            )
        runtime = RUNTIMES[name](self.models[form])
        # Somebody alone, and the most that share a pass. Three images have the
        # model for whatever else comes.
        runtime.prepare(self.batch_sizes)
        sizes = [*self.batch_sizes, 3]
        found = measure_deviation(
            self.bundle, runtime, self.image_size, sizes, self.engine
        )
        return Engine(self.image_size, name, runtime, found)
