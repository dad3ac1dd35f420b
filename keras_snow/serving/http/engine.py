"""Engine: the tasks of one size of images, compiled into one model."""

import dataclasses
import logging
import statistics
import time
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

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
from keras_snow.serving.open_runtime import is_left_open
from keras_snow.serving.runtimes.runtime import Runtime

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
    """

    image_size: int
    runtime_name: str
    runtime: Runtime
    deviation: float
    timed: Mapping[str, float] = dataclasses.field(default_factory=dict)


def compile_bundle(
    bundle: Bundle,
    options: ServerOptions,
    known: Mapping[int, str] | None = None,
) -> list[Engine]:
    """Folds and compiles all tasks, one model a size of images.

    Args:
        bundle: The bundle.
        options: Of the server.
        known: By the pixels of a side, the runtime that answered before; where
            the choice is left open it is taken again if it is exact.

    Raises:
        ValueError: If no runtime can be used, or none both compiles the tasks
            and is exact. A runtime that was asked for by name raises whatever
            it raises.
    """
    known = known or {}
    groups = group_by_size(bundle.tasks, options.image_size)
    for size in groups:
        check_batch(options.max_batch, size, "max_batch")
    return [
        _compile(bundle, tasks, size, options, known.get(size))
        for size, tasks in groups.items()
    ]


def _compile(
    bundle: Bundle,
    tasks: Sequence[str],
    image_size: int,
    options: ServerOptions,
    known: str | None,
) -> Engine:
    names = candidates(options.runtime)
    model = bundle.fold(tasks, image_size)
    if not is_left_open(options.runtime):
        return _engine(bundle, model, image_size, names[0], options)
    if known in names:
        names = [known, *(name for name in names if name != known)]
    exact = _exact(bundle, model, image_size, names, options)
    if options.runtime == FASTEST and known is None:
        return _fastest(list(exact), options.max_batch)
    return next(exact)


def _exact(
    bundle: Bundle,
    model: keras.Model,
    image_size: int,
    names: Sequence[str],
    options: ServerOptions,
) -> Iterator[Engine]:
    """Yields the runtimes that are exact; raises if there is none."""
    problems: dict[str, str] = {}
    first: Exception | None = None
    for name in names:
        try:
            engine = _engine(bundle, model, image_size, name, options)
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


def _engine(
    bundle: Bundle,
    model: keras.Model,
    image_size: int,
    name: str,
    options: ServerOptions,
) -> Engine:
    """Compiles a model, and measures how it answers."""
    runtime = RUNTIMES[name](model)
    # Somebody alone, and the most that share a pass. Three images have the
    # model for whatever else comes.
    prepared = [1, options.max_batch]
    runtime.prepare(prepared)
    found = measure_deviation(bundle, runtime, image_size, [*prepared, 3])
    return Engine(image_size, name, runtime, found)
