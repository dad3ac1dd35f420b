"""What only a GPU can show: where a run is computed, and whose memory it is."""

import numpy as np
import pytest
from keras import ops
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_snow
from tiny_runs import tiny_task

from keras_snow.callbacks.memory import peak_memory
from keras_snow.training import train

TAKEN = 100_000_000

pytestmark = pytest.mark.gpu


def test_a_run_is_computed_on_the_gpu_and_its_memory_is_the_gpus(tmp_path):
    record = train(
        tiny_snow,
        tiny_task(),
        RECIPE.replace(epochs=1),
        out=tmp_path / "run",
        image_size=SIZE,
        config=QUIET,
    )
    assert "GPU" in record["device"]["device"]
    assert np.isfinite(record["curves"]["loss"]).all()
    assert 0.0 <= record["results"]["test"]["top1"] <= 1.0
    peak = peak_memory()
    assert peak["measure"] == "device"
    assert peak["bytes"] > 4 * record["settings"]["model"]["total"]


def test_the_devices_peak_rises_with_what_is_taken_and_stays():
    first = peak_memory()
    taken = ops.ones((first["bytes"] + TAKEN,), "uint8")
    assert int(taken[-1]) == 1
    second = peak_memory()
    assert second["measure"] == "device"
    assert second["bytes"] >= first["bytes"] + TAKEN
    del taken
    assert peak_memory()["bytes"] >= second["bytes"]
