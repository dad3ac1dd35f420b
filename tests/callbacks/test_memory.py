"""The peak memory of a process."""

import numpy as np

from keras_snow.callbacks.memory import peak_memory

SIZE = 400_000_000


def test_the_peak_rises_with_what_is_taken_and_stays():
    first = peak_memory()
    if first["measure"] == "device" or first["bytes"] is None:
        return
    taken = np.ones(first["bytes"] // 8 + SIZE // 8)
    assert taken[-1] == 1.0
    second = peak_memory()["bytes"]
    assert second > first["bytes"] + 0.5 * SIZE
    del taken
    # The kernel counts pages in batches.
    assert peak_memory()["bytes"] > second - 0.1 * SIZE
