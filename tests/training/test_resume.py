"""A run that is killed goes on, and ends where it would have ended."""

import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import assert_same_end
from tiny_runs import last_state
from tiny_runs import tiny_head
from tiny_runs import tiny_snow
from tiny_runs import tiny_task

from keras_snow.callbacks import SelectionHistory
from keras_snow.callbacks import model_state
from keras_snow.training import train

HERE = pathlib.Path(__file__).parent
EPOCHS = 4


def run(out, build=tiny_snow, **changes):
    return train(
        build,
        tiny_task(),
        RECIPE.replace(**changes),
        out=out,
        image_size=SIZE,
        config=QUIET,
    )


@pytest.mark.parametrize(
    ("build", "moment"), [(tiny_snow, (1, 2)), (tiny_head, (0, 1))]
)
def test_an_interrupted_run_ends_bit_equal(
    tmp_path, interrupted, build, moment
):
    run(tmp_path / "whole", build)
    go_on = interrupted(*moment)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", build)
    go_on()
    assert last_state(tmp_path / "cut")[1]["epochs_done"] == moment[0]
    record = run(tmp_path / "cut", build)
    assert record["curves"]["epoch"] == [1, 2, 3]
    assert_same_end(tmp_path / "whole", tmp_path / "cut")
    names = [tmp_path / each / "selections.npz" for each in ("whole", "cut")]
    assert [name.exists() for name in names] == [build is tiny_snow] * 2
    if build is tiny_snow:
        assert names[0].read_bytes() == names[1].read_bytes()
        history = SelectionHistory.load(names[1])
        assert history.moments == [0.0, 1.0, 2.0, 3.0]
        assert history.changes()["set"][1:] == pytest.approx(
            record["curves"]["churn_set"][1:]
        )


def test_a_run_that_is_told_so_records_no_selections(tmp_path):
    config = QUIET.replace(record_selections=0)
    recipe = RECIPE.replace(epochs=1, warmup_epochs=0.0)
    options = {"out": tmp_path, "image_size": SIZE, "config": config}
    train(tiny_snow, tiny_task(), recipe, **options)
    assert (tmp_path / "record.json").exists()
    assert not (tmp_path / "selections.npz").exists()


def test_a_kill_between_the_two_checkpoints_is_mended(tmp_path):
    run(tmp_path, learning_rate=0.02)
    arrays, state = last_state(tmp_path)
    best = tmp_path / "checkpoints/best.npz"
    expected = model_state.load_state(best)
    assert state["best_epoch"] == state["epochs_done"] == 3
    model_state.save_state(best, {"weight_0000": np.zeros(1)}, {"epoch": 2})
    (tmp_path / "record.json").unlink()
    run(tmp_path, learning_rate=0.02)
    mended = model_state.load_state(best)
    assert mended[1] == expected[1]
    for name, values in expected[0].items():
        np.testing.assert_array_equal(mended[0][name], values)


def start(out, cache_taps, settle_after):
    options = [str(x) for x in (EPOCHS, cache_taps, settle_after)]
    return subprocess.Popen(
        [sys.executable, HERE / "victim.py", out, *options],
        cwd=HERE.parent.parent,
        env=os.environ | {"PYTHONPATH": str(HERE.parent.parent)},
        stderr=subprocess.PIPE,
    )


def finish(process):
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors.decode()[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("cached", [(0, 0), (2, 0), (2, 2)])
def test_kills_at_random_moments_leave_the_same_weights(tmp_path, cached):
    finish(start(tmp_path / "whole", *cached))
    draw = random.Random(os.urandom(4))
    last = tmp_path / "cut/checkpoints/last.npz"
    for _ in range(3):
        process = start(tmp_path / "cut", *cached)
        stamp = last.stat().st_mtime_ns if last.exists() else 0
        while process.poll() is None:
            time.sleep(0.01)
            if last.exists() and last.stat().st_mtime_ns != stamp:
                break
        time.sleep(draw.uniform(0.0, 0.6))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if last.exists():
            last_state(tmp_path / "cut")
    finish(start(tmp_path / "cut", *cached))
    assert_same_end(tmp_path / "whole", tmp_path / "cut")
