"""Requests that arrive together share a pass."""

import asyncio
import concurrent.futures
import threading

import numpy as np
import pytest

from keras_snow.serving.http.batcher import Batcher


def ask(sizes, run, **settings):
    """Returns the answers to requests that are sent together."""

    async def all_of_them():
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            batcher = Batcher(run, pool, **settings)
            asked = [
                batcher.answer(np.full((size, 2, 2, 3), index, "uint8"))
                for index, size in enumerate(sizes)
            ]
            found = await asyncio.gather(*asked, return_exceptions=True)
            batcher.close()
        return found

    return asyncio.run(all_of_them())


class Recorder:
    def __init__(self):
        self.sizes = []

    def __call__(self, images):
        self.sizes.append(len(images))
        return {"mean": images.mean(axis=(1, 2, 3))}


def test_each_gets_its_own_rows():
    run = Recorder()
    found = ask([1, 2, 3], run)
    assert [x["mean"].tolist() for x in found] == [[0], [1, 1], [2, 2, 2]]
    assert run.sizes == [6]


def test_a_pass_has_at_most_so_many_images():
    run = Recorder()
    found = ask([3, 3, 1], run, max_batch=4)
    assert run.sizes == [3, 4]
    assert [len(x["mean"]) for x in found] == [3, 3, 1]


def test_a_large_request_takes_several_passes():
    run = Recorder()
    (found,) = ask([7], run, max_batch=3)
    assert found["mean"].shape == (7,)
    assert run.sizes == [3, 3, 1]


def test_nobody_waits_longer_than_the_bound():
    run = Recorder()

    async def two_apart():
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            batcher = Batcher(run, pool, max_delay=0.01)
            image = np.zeros((1, 2, 2, 3))
            first = asyncio.create_task(batcher.answer(image))
            await asyncio.wait_for(first, 5)
            await batcher.answer(image)
            batcher.close()

    asyncio.run(two_apart())
    assert run.sizes == [1, 1]


def test_an_error_reaches_all_of_the_pass_and_no_later_one():
    calls = []

    def fails_once(images):
        calls.append(len(images))
        if len(calls) == 1:
            raise RuntimeError("broken")
        return {"mean": images.mean(axis=(1, 2, 3))}

    found = ask([1, 1, 1], fails_once, max_batch=2)
    assert [type(each) for each in found] == [RuntimeError, RuntimeError, dict]


def test_images_that_nobody_waits_for_are_left_out():
    run, held = Recorder(), threading.Event()

    def slow(images):
        held.wait(5)
        return run(images)

    async def two_leave():
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            batcher = Batcher(slow, pool, max_delay=0.0)
            image = np.zeros((1, 2, 2, 3))
            first = asyncio.create_task(batcher.answer(image))
            await asyncio.sleep(0.02)
            for _ in range(2):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(batcher.answer(image), 0.01)
            held.set()
            await first
            await batcher.answer(image)
            batcher.close()

    asyncio.run(two_leave())
    assert run.sizes == [1, 1]
