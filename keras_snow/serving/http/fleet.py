"""Fleet: one state of a bundle, compiled; what answers until the next one."""

import concurrent.futures
import contextlib
import dataclasses
import logging
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

import keras
import numpy as np

from keras_snow.core.errors import sentence_of
from keras_snow.core.registry import nearest_names
from keras_snow.serving.bundle import Bundle
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.deviation import measure_deviation
from keras_snow.serving.deviation import worst_packing
from keras_snow.serving.http.batcher import Batcher
from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.server_options import ServerOptions
from keras_snow.serving.image_sizes import group_by_size
from keras_snow.serving.open_runtime import AUTO
from keras_snow.serving.open_runtime import EXACT
from keras_snow.serving.open_runtime import RUNTIMES
from keras_snow.serving.open_runtime import candidates
from keras_snow.serving.runtimes.runtime import Runtime

LOG = logging.getLogger("keras_snow.serve")


@dataclasses.dataclass(frozen=True)
class Engine:
    """The tasks of one size of images, compiled into one model.

    Args:
        image_size: Pixels of a side.
        runtime_name: What answers.
        runtime: The model.
        deviation: How far its logits are from those of the bundle's deltas,
            relative to the largest.
    """

    image_size: int
    runtime_name: str
    runtime: Runtime
    deviation: float


class Fleet:
    """Answers the tasks of a bundle as it was at one moment.

    Args:
        tasks: The tasks.
        engines: What answers them.
        options: Of the server.
        executor: Where passes are run.
        observe: As of `Batcher`.

    Examples:
        >>> with concurrent.futures.ThreadPoolExecutor(1) as pool:
        ...     fleet = Fleet([], [], ServerOptions(), pool)
        >>> fleet.tasks
        {}
    """

    def __init__(
        self,
        tasks: Sequence[BundledTask],
        engines: Sequence[Engine],
        options: ServerOptions,
        executor: concurrent.futures.Executor,
        observe: Callable[[int, float], None] | None = None,
    ) -> None:
        self.tasks = {task.name: task for task in tasks}
        self.engines = {engine.image_size: engine for engine in engines}
        self._sizes = {
            name: engine.image_size
            for engine in engines
            for name in engine.runtime.outputs
        }
        self._batchers = {
            engine.image_size: Batcher(
                engine.runtime,
                executor,
                options.max_batch,
                options.max_delay,
                observe,
            )
            for engine in engines
        }
        self._users = 0
        self._retired = False

    @contextlib.contextmanager
    def used(self) -> "Iterator[Fleet]":
        """Keeps it alive while a request is answered."""
        self._users += 1
        try:
            yield self
        finally:
            self._users -= 1
            self._end()

    def retire(self) -> None:
        """Ends it once the last request is answered."""
        self._retired = True
        self._end()

    def by_size(self, names: Sequence[str] | None) -> dict[int, list[str]]:
        """Returns the asked tasks by the pixels of a side.

        Args:
            names: Their names. All if None.

        Raises:
            Refusal: 404 if there is no such task, 400 if none is asked for.
        """
        asked = (
            list(self.tasks) if names is None else list(dict.fromkeys(names))
        )
        if not asked:
            raise Refusal(
                404 if names is None else 400,
                "There are no tasks to answer. "
                f"Known: {', '.join(self.tasks) or 'none yet'}.",
            )
        found: dict[int, list[str]] = {}
        for name in asked:
            if name not in self._sizes:
                known = list(self._sizes)
                hint = nearest_names(name, known) if known else "Known: none."
                raise Refusal(
                    404, f"There is no such task. {hint} Received: {name!r}"
                )
            found.setdefault(self._sizes[name], []).append(name)
        return found

    def packing_deviation(self, engine: Engine) -> float | None:
        """Returns how far the bundle's deltas are from the trained ones.

        Args:
            engine: The tasks of one size of images.

        Returns:
            Of the task where it is largest; None if one is not known.
        """
        return worst_packing(self.tasks[x] for x in engine.runtime.outputs)

    async def answer(
        self, image_size: int, images: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Answers all tasks of a size.

        Args:
            image_size: Pixels of a side.
            images: Raw RGB, `(images, size, size, 3)`.
        """
        return await self._batchers[image_size].answer(images)

    def _end(self) -> None:
        if self._retired and not self._users:
            for batcher in self._batchers.values():
                batcher.close()


def compile_bundle(bundle: Bundle, options: ServerOptions) -> list[Engine]:
    """Folds and compiles all tasks, one model a size of images.

    Args:
        bundle: The bundle.
        options: Of the server.

    Raises:
        ValueError: If no runtime can be used, or none both compiles the tasks
            and is exact. A runtime that was asked for by name raises whatever
            it raises.
    """
    names = candidates(options.runtime)
    groups = group_by_size(bundle.tasks, options.image_size)
    return [
        _compile(bundle, tasks, size, names, options)
        for size, tasks in groups.items()
    ]


def _compile(
    bundle: Bundle,
    tasks: Sequence[str],
    image_size: int,
    names: Sequence[str],
    options: ServerOptions,
) -> Engine:
    """Takes the first runtime that is exact, or the one that was chosen."""
    model = bundle.fold(tasks, image_size)
    chosen = options.runtime != AUTO
    problems: dict[str, str] = {}
    first: Exception | None = None
    for name in names:
        try:
            engine = _engine(bundle, model, image_size, name, options)
        except Exception as error:  # Of somebody else's compiler.
            if chosen:
                raise
            first = first or error
            problems[name] = sentence_of(error)
        else:
            if chosen or engine.deviation <= EXACT:
                return engine
            problems[name] = f"deviates by {engine.deviation:.2g}"
        LOG.warning("%s is not taken: %s", name, problems[name])
    found = "; ".join(f"{name}: {why}" for name, why in problems.items())
    raise ValueError(
        "No installed runtime answers as the bundle's deltas do. Received: "
        f"{found or 'no runtimes'}"
    ) from first


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
