"""Fleet: one state of a bundle, compiled; what answers until the next one."""

import concurrent.futures
import contextlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

import numpy as np

from keras_snow.core.registry import nearest_names
from keras_snow.data.value_range import ValueRange
from keras_snow.data.value_range import common_range
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.deviation import worst_packing
from keras_snow.serving.http.batcher import Batcher
from keras_snow.serving.http.engine import Engine
from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.server_options import ServerOptions


class Fleet:
    """Answers the tasks of a bundle as it was at one moment.

    Args:
        tasks: The tasks.
        engines: What answers them.
        options: Of the server.
        executor: Where passes are run.
        observe: As of `Batcher`.
    """

    def __init__(
        self,
        tasks: Sequence[BundledTask],
        engines: Sequence[Engine],
        options: ServerOptions,
        executor: concurrent.futures.Executor,
        observe: Callable[[int, float, list[float]], None] | None = None,
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

    def value_range(self, names: Sequence[str]) -> ValueRange | None:
        """Returns what is black and white in images of more than 8 bits.

        Returns:
            None if it is not one for them all.
        """
        return common_range(self.tasks[name].value_range for name in names)

    def packing_deviation(self, engine: Engine) -> float | None:
        """Returns how far the bundle's deltas are from the trained ones.

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
