"""What the callbacks of a run measure and keep."""

import keras
import numpy as np
import pytest

from keras_snow.callbacks import Curves
from keras_snow.callbacks import DivergenceGuard
from keras_snow.callbacks import RunState
from keras_snow.callbacks import SelectionChurn
from keras_snow.callbacks import Throughput
from keras_snow.callbacks.scoring import score
from keras_snow.callbacks.selection_churn import set_change
from keras_snow.callbacks.selection_churn import slot_change


def test_score_equals_keras():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(50, 9)).astype("float32")
    labels = generator.integers(0, 9, 50)
    found = score(logits, labels)
    top1 = keras.metrics.SparseCategoricalAccuracy()
    top5 = keras.metrics.SparseTopKCategoricalAccuracy(5)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    top1.update_state(labels, logits)
    top5.update_state(labels, logits)
    assert found["top1"] == pytest.approx(float(top1.result()))
    assert found["top5"] == pytest.approx(float(top5.result()))
    expected = float(loss(labels, logits))
    assert found["loss"] == pytest.approx(expected, rel=1e-5)


def test_a_row_that_is_not_finite_is_a_miss():
    logits = np.array([[np.nan, 1.0], [5.0, 1.0]])
    assert score(logits, np.array([0, 0]))["top1"] == 0.5


def test_a_constant_answer_knows_nothing():
    assert score(np.zeros((4, 2)), np.array([0, 1, 0, 1]))["top1"] == 0.0


def test_churn_counts_sets_and_slots():
    before, after = np.array([1, 2, 3, 4]), np.array([2, 1, 3, 9])
    assert set_change(before, after) == 0.25
    assert slot_change(before, after) == 0.75


def model_with(layer):
    return keras.Sequential([keras.Input((4,)), layer])


class Choosing(keras.layers.Layer):
    """Has a selection that a test moves."""

    chosen = np.array([0, 1])

    def selected_channels(self):
        return self.chosen


def test_churn_compares_with_the_epoch_before():
    layer = Choosing()
    callback = SelectionChurn()
    callback.set_model(model_with(layer))
    callback.on_train_begin()
    logs = {}
    layer.chosen = np.array([0, 2])
    callback.on_epoch_end(0, logs)
    assert logs == {"churn_set": 0.5, "churn_slots": 0.5}
    callback.on_epoch_end(1, logs)
    assert logs == {"churn_set": 0.0, "churn_slots": 0.0}


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_broken_weights_stop_a_run_whose_loss_is_finite(value):
    model = model_with(keras.layers.Dense(2))
    state = RunState()
    guard = DivergenceGuard(state)
    guard.set_model(model)
    guard.on_epoch_begin(0)
    guard.on_train_batch_end(0, {"loss": 1.0})
    assert state.problem is None
    model.layers[0].bias.assign([0.0, value])
    guard.on_train_batch_end(1, {"loss": 1.0})
    assert state.problem is None, "It looks every 20 steps."
    guard.on_train_batch_end(19, {"loss": 1.0})
    assert "weights" in state.problem
    assert model.stop_training


def test_curves_stay_aligned_and_know_the_best_epoch():
    model = model_with(keras.layers.Dense(2))
    model.compile("sgd")
    state = RunState()
    curves = Curves(state)
    curves.set_model(model)
    epochs = [
        {"loss": 3.0, "val_top1": 0.5, "val_top5": 1.0, "val_loss": 2.0},
        {"loss": 2.0, "val_top1": 0.5, "val_top5": 1.0, "val_loss": 1.0},
        {
            "loss": np.nan,
            "val_top1": 0.4,
            "val_top5": 1.0,
            "val_loss": 0.5,
            "churn_set": 0.1,
        },
    ]
    for epoch, logs in enumerate(epochs):
        curves.on_epoch_begin(epoch)
        curves.on_epoch_end(epoch, logs)
    assert state.best_epoch == 2
    assert state.curves["epoch"] == [1, 2, 3]
    assert state.curves["churn_set"] == [None, None, 0.1]
    assert state.curves["loss"] == [3.0, 2.0, None]
    assert RunState.from_dict(state.to_dict()) == state


@pytest.mark.parametrize("keep", ["best", "last"])
def test_no_epoch_counts_that_is_worse_than_the_start(keep):
    model = model_with(keras.layers.Dense(2))
    model.compile("sgd")
    start = {"val_top1": 0.5, "val_top5": 1.0, "val_loss": 2.0}
    state = RunState(start=start, best=start, best_epoch=0)
    curves = Curves(state, keep)
    curves.set_model(model)
    for epoch, (top1, loss) in enumerate([(0.6, 2.1), (0.4, 1.0), (0.5, 1.9)]):
        curves.on_epoch_begin(epoch)
        found = {"val_top1": top1, "val_top5": 1.0, "val_loss": loss}
        curves.on_epoch_end(epoch, found)
        assert state.best_epoch == (3 if epoch == 2 else 0)


def test_throughput_leaves_out_the_first_step(monkeypatch):
    from keras_snow.callbacks import throughput

    clock = iter([0.0, 9.0, 10.0, 11.0])
    monkeypatch.setattr(throughput.time, "perf_counter", lambda: next(clock))
    callback = Throughput(batch_size=8)
    callback.on_epoch_begin(0)
    for batch in range(3):
        callback.on_train_batch_end(batch)
    logs = {}
    callback.on_epoch_end(0, logs)
    assert logs["images_per_second"] == 8.0
    assert logs["step_ms_p95"] == 1000.0
    assert logs["first_step_seconds"] == 9.0


class Device:
    """Steps run ahead of the host: only who reads a loss waits for them."""

    def __init__(self):
        self.host = 0.0
        self.ready = 0.0
        self.reads = 0

    def perf_counter(self):
        return self.host

    def step(self, seconds):
        self.ready = max(self.ready, self.host) + seconds
        return {"loss": self}

    def __float__(self):
        self.host = max(self.host, self.ready)
        self.reads += 1
        return 1.0


@pytest.fixture
def device(monkeypatch):
    from keras_snow.callbacks import throughput

    device = Device()
    monkeypatch.setattr(throughput, "time", device)
    return device


def epoch_of(callback, device, seconds):
    """Returns an epoch's logs and how often the host has waited in it."""
    callback.on_epoch_begin(0)
    before = device.reads
    for batch, each in enumerate(seconds):
        callback.on_train_batch_end(batch, device.step(each))
    logs = {"loss": device}
    callback.on_epoch_end(0, logs)
    return logs, device.reads - before


def test_a_short_epoch_has_the_rate_of_all_its_steps(device):
    callback = Throughput(batch_size=8, waits=False)
    logs, _ = epoch_of(callback, device, [9.0] + 4 * [1.0])
    assert logs["first_step_seconds"] == 9.0
    assert logs["images_per_second"] == 8.0
    # Were the first step measured alone, this would be 2 images/s.
    logs, waits = epoch_of(callback, device, [4.0] + 9 * [1.0])
    assert logs["images_per_second"] == pytest.approx(8 / 1.3)
    assert waits == 1


def test_a_window_counts_as_often_as_it_has_steps(device):
    callback = Throughput(batch_size=8, waits=False)
    epoch_of(callback, device, [9.0])
    logs, waits = epoch_of(callback, device, 40 * [1.0] + 2 * [60.0])
    assert logs["images_per_second"] == 8.0
    assert logs["step_ms_p95"] == 1000.0
    assert waits == 3


def test_an_epoch_of_the_first_step_alone_has_no_rate(device):
    callback = Throughput(batch_size=8, waits=False)
    logs, waits = epoch_of(callback, device, [9.0])
    assert "images_per_second" not in logs
    assert waits == 1
