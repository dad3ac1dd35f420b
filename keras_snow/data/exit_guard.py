"""Lets a process end while TensorFlow's threads read ahead."""

import atexit
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

_PATIENCE = 30.0
_PAUSE = 0.05


class _Readers:
    """Counts the calls that are under way, in all threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ending = False
        self.registered = False
        self.running = 0
        self.calls = 0

    def register(self) -> None:
        with self.lock:
            if not self.registered:
                atexit.register(self.finish)
                self.registered = True

    def begin(self) -> None:
        with self.lock:
            self.calls += 1
            if self.ending:
                raise StopIteration
            self.running += 1

    def end(self) -> None:
        with self.lock:
            self.running -= 1

    def finish(self) -> None:
        """Waits until no thread is in Python, nor will come back to it."""
        self.ending = True
        deadline = time.monotonic() + _PATIENCE
        seen = -1
        while self.running or self.calls != seen:
            if time.monotonic() > deadline:
                return
            seen = self.calls
            time.sleep(_PAUSE)


_READERS = _Readers()


def end_with_process(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps what a `tf.numpy_function` calls, so that the process can end.

    A dataset reads ahead in threads of TensorFlow's. Once the interpreter is
    being taken down, a thread that calls Python never returns, and the dataset
    waits for it for ever. So before that, new calls are refused and those
    under way are waited for.

    TensorFlow keeps what is wrapped as long as the process lives, with all that
    it refers to. So the function is not held here: `keep_with` hands it to the
    dataset, and goes when that goes.

    Args:
        function: What is called.

    Examples:
        >>> end_with_process(abs)(-1)
        1
    """
    _READERS.register()
    held = weakref.ref(function)

    def call(*args: Any) -> Any:
        _READERS.begin()
        try:
            function = held()
            if function is None:
                raise StopIteration
            return function(*args)
        finally:
            _READERS.end()

    return call


def keep_with(dataset: Any, function: Callable[..., Any]) -> Any:
    """Lets a dataset hold what it calls, and returns the dataset.

    Args:
        dataset: A `tf.data.Dataset`; datasets and iterators made of it hold it.
        function: What was given to `end_with_process`.
    """
    dataset.called = function
    return dataset
