"""Service: answers images while its bundle changes."""

import asyncio
import concurrent.futures
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import TypeVar

import numpy as np
from starlette.requests import Request

from keras_snow.core.errors import sentence_of
from keras_snow.core.files import PathLike
from keras_snow.serving.bundle import Bundle
from keras_snow.serving.bundle_folder import BundleFolder
from keras_snow.serving.http.decode_body import decode_body
from keras_snow.serving.http.engine import Engine
from keras_snow.serving.http.engine import compile_bundle
from keras_snow.serving.http.fleet import Fleet
from keras_snow.serving.http.intake import Intake
from keras_snow.serving.http.metrics import Metrics
from keras_snow.serving.http.picture import read_picture
from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.server_options import ServerOptions

LOG = logging.getLogger("keras_snow.serve")
RETRY = 10  # Looks at the folder before a failed change is tried again.

T = TypeVar("T")
Answers = dict[str, np.ndarray]


class Service:
    """Answers images, and follows its bundle's folder.

    When the manifest in the folder changes, the new state is folded and
    compiled beside the old one, in a thread of its own; from then on new
    requests are answered by it, and requests at work by the old one.

    Args:
        folder: The bundle's folder.
        options: Of the server.

    Raises:
        OSError: If there is no bundle.
        ValueError: If it is damaged, or can't be compiled.

    Examples:
        >>> Service("no_such_folder", ServerOptions())
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no bundle in this folder. ...
    """

    def __init__(self, folder: PathLike, options: ServerOptions) -> None:
        self.options = options
        self.metrics = Metrics()
        self.problem: str | None = None
        """Why the last change of the bundle is not served; None if it is."""
        self.building = False
        """Whether a change is being compiled; stopping does not end that."""
        place = BundleFolder(folder)
        self.name = options.name or place.path.resolve().name
        self._manifest = place.manifest
        self._seen = self._stamp()
        self._bundle = Bundle.load(place.path)
        pool = concurrent.futures.ThreadPoolExecutor
        self._passes = pool(1, "passes")
        self._decoders = pool(max(2, os.cpu_count() or 1), "decoders")
        self._builder = pool(1, "builder")
        self._intake = Intake(options, self.metrics.in_flight)
        self._watcher: asyncio.Task[None] | None = None
        self.fleet = self._build()
        """What answers now."""
        self._tell()

    def start(self) -> None:
        """Begins to follow the folder; needs a running event loop."""
        self._watcher = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """Ends; requests must have been answered."""
        if self._watcher is not None:
            self._watcher.cancel()
        self.fleet.retire()
        for each in (self._builder, self._decoders, self._passes):
            each.shutdown(wait=False, cancel_futures=True)

    @contextlib.asynccontextmanager
    async def at_work(
        self, request: Request
    ) -> AsyncIterator[tuple[Fleet, bytes]]:
        """Takes in a request, and bounds the time of what the block does.

        Yields:
            What answers, and the body.

        Raises:
            Refusal: As of `Intake` and `decode_body`; 504 if it takes too long.
        """
        options = self.options
        body = await self._intake.read(request)
        encoding = request.headers.get("content-encoding", "")
        with self._intake.place():
            try:
                async with asyncio.timeout(options.timeout):
                    if encoding:
                        body = await self.beside(
                            decode_body, body, encoding, options.max_bytes
                        )
                    with self.fleet.used() as fleet:
                        yield fleet, body
            except TimeoutError:
                raise Refusal(
                    504,
                    f"There was no answer within {options.timeout:g} seconds.",
                ) from None

    async def beside(self, work: Callable[..., T], *arguments: Any) -> T:
        """Runs what takes processor time beside the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._decoders, work, *arguments)

    async def answer_files(
        self,
        fleet: Fleet,
        files: Sequence[bytes],
        tasks: Sequence[str] | None,
    ) -> Answers:
        """Answers tasks for image files.

        Args:
            fleet: What answers.
            files: The files.
            tasks: Names of tasks. All if None.

        Returns:
            By task, logits `(images, classes)`.

        Raises:
            Refusal: If an image can't be read, is too large, there is no such
                task, or it takes too long.
        """
        groups, most = fleet.by_size(tasks), self.options.max_pixels
        if (pixels := len(files) * max(groups) ** 2) > most:
            raise Refusal(
                422,
                f"The images of a request may have {most:,} pixels, each "
                f"resized to those of a task. Send fewer. Received: {pixels:,}",
            )
        found: Answers = {}
        for size, names in groups.items():
            limits = size, most, fleet.value_range(names)
            images = [
                await self.beside(read_picture, file, *limits) for file in files
            ]
            logits = await fleet.answer(size, np.stack(images))
            found |= {name: logits[name] for name in names}
        self._count(found, len(files))
        asked = list(fleet.tasks) if tasks is None else dict.fromkeys(tasks)
        return {name: found[name] for name in asked}

    async def answer_pixels(
        self, fleet: Fleet, images: np.ndarray, tasks: Sequence[str] | None
    ) -> Answers:
        """Answers tasks for images as a source takes them.

        Args:
            fleet: What answers.
            images: Raw RGB, `(images, size, size, 3)`.
            tasks: Names of tasks. All if None.

        Returns:
            By task, logits `(images, classes)`.

        Raises:
            Refusal: If the images have another size than the tasks, or there is
                no such task.
        """
        groups = fleet.by_size(tasks)
        for size, names in groups.items():
            if images.shape[1:3] != (size, size):
                raise Refusal(
                    400,
                    f"{', '.join(names)}: the shape of the images must be "
                    f"[-1, {size}, {size}, 3]; choose tasks of one size by "
                    f"`outputs`. Received: shape={list(images.shape)}",
                )
        ((size, names),) = groups.items()
        logits = await fleet.answer(size, images)
        found = {name: logits[name] for name in names}
        self._count(found, len(images))
        return found

    def _count(self, found: Answers, images: int) -> None:
        for name in found:
            self.metrics.answered(name, images)

    def _build(self, known: Mapping[int, Engine] | None = None) -> Fleet:
        engines = compile_bundle(self._bundle, self.options, known)
        return Fleet(
            self._bundle.tasks,
            engines,
            self.options,
            self._passes,
            self.metrics.passed,
        )

    def _rebuild(self) -> Fleet:
        self.building = True
        try:
            self._bundle.reload()
            return self._build(self.fleet.engines)
        finally:
            self.building = False

    def _tell(self) -> None:
        engines = self.fleet.engines.values()
        self.metrics.serving(
            self.fleet.tasks.values(),
            {
                (str(each.image_size), each.runtime_name): each.deviation
                for each in engines
            },
        )

    def _stamp(self) -> tuple[int, ...]:
        try:
            found = self._manifest.stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino

    async def _watch(self) -> None:
        while True:
            pause = self.options.poll * (RETRY if self.problem else 1)
            await asyncio.sleep(pause)
            stamp = self._stamp()
            if stamp == self._seen:
                self.problem = None  # What could not be served is undone.
                continue
            if await self._change():
                self._seen = stamp

    async def _change(self) -> bool:
        """Takes over the new state of the folder; keeps the old if it fails."""
        loop = asyncio.get_running_loop()
        try:
            new = await loop.run_in_executor(self._builder, self._rebuild)
        except Exception as error:  # Whatever it is, the old state answers on.
            self.problem = sentence_of(error)
            self.metrics.reloaded("failed")
            LOG.warning("the change is not served: %s", self.problem)
            return False
        old, self.fleet = self.fleet, new
        old.retire()
        self.problem = None
        self.metrics.reloaded("taken")
        self._tell()
        LOG.warning("now serving: %s", ", ".join(new.tasks) or "no tasks")
        return True
