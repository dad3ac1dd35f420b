"""The plan of a step, by batch size."""

import json
import subprocess
import sys

import keras
import pytest


@pytest.fixture
def tiny_source(tmp_path):
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 3, 2, "same", name="early")(image)
    x = keras.layers.Conv2D(8, 3, 2, "same", name="late")(x)
    keras.Model(image, x).save(tmp_path / "tiny.keras")
    return tmp_path / "tiny.keras"


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "keras_snow.benchmarks.step_plan", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_larger_batch_takes_more(tiny_source, tmp_path):
    pytest.importorskip("jax")
    out = tmp_path / "plans"
    done = run(
        *f"--methods fo --batch-sizes 2,8 --source {tiny_source} "
        f"--image-size 32 --out {out}".split()
    )
    assert done.returncode == 0, done.stderr[-2000:]
    small, large = json.loads((out / "plans.json").read_text())["rows"]
    assert small["bytes"] < large["bytes"]
    assert 3.5 < large["flops"] / small["flops"] < 4.5
    assert (out / "memory.png").stat().st_size > 5_000
