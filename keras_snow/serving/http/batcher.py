"""Batcher: requests that arrive together share a pass."""

import asyncio
import collections
import concurrent.futures
import dataclasses
import time
from collections.abc import Callable

import numpy as np

Answers = dict[str, np.ndarray]


@dataclasses.dataclass
class _Waiting:
    images: np.ndarray
    answer: "asyncio.Future[Answers]"
    since: float


class Batcher:
    """Joins images of several requests into batches.

    A pass begins as soon as the last one has ended and a batch is full or its
    oldest image has waited `max_delay`. Images that nobody waits for any more
    are left out.

    Args:
        run: Answers a batch, float32 `(batch, size, size, 3)`.
        executor: Where it is run, beside the event loop.
        max_batch: Images of a pass.
        max_delay: Seconds that an image waits for others.
        observe: Called with the images and the seconds of each pass, and the
            seconds for which each of its requests had waited.

    Examples:
        >>> async def ask():
        ...     with concurrent.futures.ThreadPoolExecutor(1) as pool:
        ...         batcher = Batcher(lambda x: {"mean": x.mean((1, 2))}, pool)
        ...         found = await batcher.answer(np.ones((2, 4, 4, 3)))
        ...         batcher.close()
        ...     return found["mean"].shape
        >>> asyncio.run(ask())
        (2, 3)
    """

    def __init__(
        self,
        run: Callable[[np.ndarray], Answers],
        executor: concurrent.futures.Executor,
        max_batch: int = 16,
        max_delay: float = 0.005,
        observe: Callable[[int, float, list[float]], None] | None = None,
    ) -> None:
        self._run = run
        self._executor = executor
        self._max_batch = max_batch
        self._max_delay = max_delay
        self._observe = observe
        self._waiting: collections.deque[_Waiting] = collections.deque()
        self._arrival = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    async def answer(self, images: np.ndarray) -> Answers:
        """Answers the images of a request, in as many passes as they need.

        Args:
            images: `(images, size, size, 3)`, one at least.
        """
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        parts = [
            self._add(images[start : start + self._max_batch])
            for start in range(0, len(images), self._max_batch)
        ]
        found = await asyncio.gather(*parts)
        if len(found) == 1:
            return found[0]
        return {
            name: np.concatenate([each[name] for each in found])
            for name in found[0]
        }

    def close(self) -> None:
        """Ends it; nobody may be waiting any more."""
        if self._worker is not None:
            self._worker.cancel()

    def _add(self, images: np.ndarray) -> "asyncio.Future[Answers]":
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(images, answer, time.monotonic()))
        self._arrival.set()
        return answer

    async def _work(self) -> None:
        while True:
            await self._arrival.wait()
            await self._wait_for_company()
            if batch := self._take():
                await self._pass(batch)

    async def _wait_for_company(self) -> None:
        deadline = self._waiting[0].since + self._max_delay
        while sum(len(x.images) for x in self._waiting) < self._max_batch:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            self._arrival.clear()
            try:
                await asyncio.wait_for(self._arrival.wait(), left)
            except TimeoutError:
                return

    def _take(self) -> list[_Waiting]:
        """Takes whole requests as long as they fit into a pass."""
        batch: list[_Waiting] = []
        room = self._max_batch
        while self._waiting:
            first = self._waiting[0]
            if not first.answer.done():
                if len(first.images) > room:
                    break
                room -= len(first.images)
                batch.append(first)
            self._waiting.popleft()
        if self._waiting:
            self._arrival.set()
        else:
            self._arrival.clear()
        return batch

    async def _pass(self, batch: list[_Waiting]) -> None:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._executor, self._call, batch
            )
        except Exception as error:
            for each in batch:
                if not each.answer.done():
                    each.answer.set_exception(error)
            return
        start = 0
        for each in batch:
            end = start + len(each.images)
            if not each.answer.done():
                each.answer.set_result(
                    {name: rows[start:end] for name, rows in found.items()}
                )
            start = end

    def _call(self, batch: list[_Waiting]) -> Answers:
        parts = [each.images for each in batch]
        images = np.concatenate(parts, dtype="float32", casting="same_kind")
        began = time.monotonic()
        found = self._run(images)
        if self._observe is not None:
            seconds = time.monotonic() - began
            waits = [began - each.since for each in batch]
            self._observe(len(images), seconds, waits)
        return found
