"""The plan of a step, by batch size."""

import json
import subprocess
import sys

import keras
import pytest

from benchmarks import step_plan


@pytest.fixture
def tiny_source(tmp_path):
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 3, 2, "same", name="early")(image)
    x = keras.layers.Conv2D(8, 3, 2, "same", name="late")(x)
    keras.Model(image, x).save(tmp_path / "tiny.keras")
    return tmp_path / "tiny.keras"


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.step_plan", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def a_row(method, size, memory, flops):
    row = {"method": method, "batch_size": size, "trained_parameters": 10_000}
    return row | {"bytes": memory, "flops": flops}


def test_memory_is_relative_to_ft_and_work_to_fo_at_the_same_batch():
    rows = [
        a_row("snow", 4, 25e6, 3e9),
        a_row("snow", 8, 30e6, 6e9),
        a_row("fo", 4, 20e6, 2e9),
        a_row("ft", 4, 100e6, 8e9),
        a_row("lora", 4, 50e6, 5e9),
    ]
    _, _, small, large, *_, lora = step_plan.table(rows).splitlines()
    # The paper: 4.25 GB of 13.75.
    assert small == "| `snow` | 4 | 25 | 0.25 | 0.31 | 3.0 | 1.50 | 0.01 |"
    assert large == "| `snow` | 8 | 30 | – | 0.31 | 6.0 | – | 0.01 |"
    assert lora == "| `lora` | 4 | 50 | 0.50 | – | 5.0 | 2.50 | 0.01 |"


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
    assert (out / "plans.md").read_text().count("| `fo` |") == 2
    assert (out / "memory.png").stat().st_size > 5_000
