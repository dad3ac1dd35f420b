"""What a run tells TensorBoard about its input, memory and steps."""

import gzip
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

import keras
import numpy as np
import pytest

from keras_snow.callbacks import InputWait
from keras_snow.callbacks import PeakMemory
from keras_snow.callbacks import RunState
from keras_snow.callbacks import StepProfile
from keras_snow.callbacks import TensorBoardImportances
from keras_snow.callbacks import input_wait
from keras_snow.layers import ChannelPooling

STEPS = 4
GZIP = b"\x1f\x8b"


class Clock:
    """Stands still until a test moves it."""

    now = 0.0

    def perf_counter(self):
        return self.now


def share_waited(monkeypatch, waits, works):
    """Steps that wait and work for so many seconds, behind one to warm up."""
    clock, ready = Clock(), {}
    monkeypatch.setattr(input_wait, "time", clock)
    callback = InputWait(ready)
    callback.on_epoch_begin(0)
    for step in range(STEPS + 1):
        ready[step] = clock.now + waits
        clock.now += max(0.0, waits) + works
        callback.on_train_batch_end(step)
    logs = {}
    callback.on_epoch_end(0, logs)
    assert not ready
    return logs["input_wait_share"]


@pytest.mark.parametrize(
    ("waits", "works", "expected"),
    [(3.0, 1.0, 0.75), (-2.0, 1.0, 0.0), (1.0, 1.0, 0.5)],
    ids=["the input is slow", "the step is slow", "both are as slow"],
)
def test_the_share_is_what_steps_waited(monkeypatch, waits, works, expected):
    found = share_waited(monkeypatch, waits, works)
    assert found == pytest.approx(expected)


def test_without_times_of_reading_nothing_is_said():
    callback = InputWait({})
    callback.on_epoch_begin(0)
    for step in range(3):
        callback.on_train_batch_end(step)
    logs = {}
    callback.on_epoch_end(0, logs)
    assert logs == {}


def test_the_peak_of_memory_counts_what_was_taken():
    before, after = {}, {}
    PeakMemory().on_epoch_end(0, before)
    block = np.ones(60_000_000, "uint8")
    block[::4096] = 2
    PeakMemory().on_epoch_end(1, after)
    assert after["peak_memory_mb"] >= before["peak_memory_mb"]
    assert after["peak_memory_mb"] > 60.0


@pytest.fixture
def pooled():
    image = keras.Input((4, 4, 8))
    maps = ChannelPooling(k=2, seed=0, name="late_choice")(image)
    mean = keras.layers.GlobalAveragePooling2D()(maps)
    model = keras.Model(image, keras.layers.Dense(2)(mean))
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(True))
    return model


def fit(model, *callbacks, steps=STEPS):
    images = np.random.default_rng(0).normal(size=(2 * steps, 4, 4, 8))
    labels = np.arange(2 * steps) % 2
    model.fit(images, labels, 2, verbose=0, callbacks=list(callbacks))


def test_importances_are_a_histogram_of_each_tap(tmp_path, pooled):
    loader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_file_loader"
    )
    pytest.importorskip("tensorflow")
    fit(pooled, TensorBoardImportances(tmp_path, RunState()))
    (file,) = tmp_path.iterdir()
    (value,) = [
        value
        for event in loader.EventFileLoader(str(file)).Load()
        for value in event.summary.value
    ]
    assert value.tag == "importance/late"
    content = np.frombuffer(value.tensor.tensor_content, "float64")
    buckets = content.reshape(-1, 3)
    assert buckets[:, 2].sum() == 8, "Each channel is counted once."


def test_a_profile_holds_the_chosen_steps_alone(tmp_path, pooled):
    profile = StepProfile(tmp_path, first=2, last=3)
    fit(pooled, profile)
    assert list(tmp_path.glob("**/*.xplane.pb"))
    assert not profile._runs


def test_a_run_that_is_too_short_still_leaves_its_profile(tmp_path, pooled):
    fit(pooled, StepProfile(tmp_path, first=2, last=90))
    assert list(tmp_path.glob("**/*.xplane.pb"))


def test_steps_in_the_wrong_order_are_refused(tmp_path):
    with pytest.raises(ValueError, match="before the first"):
        StepProfile(tmp_path, first=5, last=4)


def ask(port, path):
    address = f"http://127.0.0.1:{port}/data/{path}"
    with urllib.request.urlopen(address, timeout=60) as answer:
        content = answer.read()
    if content.startswith(GZIP):
        content = gzip.decompress(content)
    return json.loads(content)


@pytest.mark.slow
def test_tensorboard_shows_the_run_and_its_tools(tmp_path, pooled):
    pytest.importorskip("xprof")
    fit(
        pooled,
        StepProfile(tmp_path / "run", first=2, last=4),
        TensorBoardImportances(tmp_path / "run", RunState()),
    )
    port = 16006
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", "--logdir", tmp_path]
        + ["--port", str(port), "--load_fast", "false"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(120):
            try:
                if ask(port, "runs"):
                    break
            except (urllib.error.URLError, ConnectionError):
                assert server.poll() is None
            time.sleep(1.0)
        assert ask(port, "runs") == ["run"]
        (run,) = ask(port, "plugin/profile/runs")
        tools = ask(port, f"plugin/profile/run_tools?run={run}")
        assert "overview_page" in {tool.rstrip("@") for tool in tools}
        assert "trace_viewer" in {tool.rstrip("@") for tool in tools}
    finally:
        server.terminate()
        server.wait(30)
