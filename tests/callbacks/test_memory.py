"""The peak memory of a process."""

import os
import pathlib

import numpy as np
import pytest

from keras_snow.callbacks.memory import peak_memory

SIZE = 400_000_000
STATM = pathlib.Path("/proc/self/statm")


def taken_now():
    """Returns the bytes that this process holds, 0 where Linux isn't."""
    if not STATM.exists():
        return 0
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_the_peak_rises_with_what_is_taken_and_stays():
    first = peak_memory()
    if first["measure"] == "device" or first["bytes"] is None:
        pytest.skip(f"counts the memory of a process; here: {first}")
    # Beside what is held; other tests may have held more before.
    taken = np.ones((first["bytes"] - taken_now() + SIZE) // 8)
    assert taken[-1] == 1.0
    second = peak_memory()["bytes"]
    assert second > first["bytes"] + 0.5 * SIZE
    del taken
    # The kernel counts pages in batches.
    assert peak_memory()["bytes"] > second - 0.1 * SIZE
