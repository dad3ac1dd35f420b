"""A run says early how long it takes, and leaves a line an epoch in a file."""

import pytest

from keras_snow.callbacks import ProgressBar
from keras_snow.callbacks import progress_bar

pytestmark = pytest.mark.once


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set."""
    time = [0.0]
    monkeypatch.setattr(progress_bar.time, "perf_counter", lambda: time[0])
    return time


def run(clock, epochs, steps, seconds, first_step=0.0):
    bar = ProgressBar(epochs, steps)
    clock[0] = 100.0
    for epoch in range(epochs):
        bar.on_epoch_begin(epoch)
        for step in range(steps):
            clock[0] += first_step if not (epoch or step) else seconds
            bar.on_train_batch_end(step, {"loss": 1.0})
        bar.on_epoch_end(epoch, {"loss": 0.5, "val_top1": 0.75})
    bar.on_train_end()


def test_a_file_gets_a_line_an_epoch_with_the_time_that_is_left(clock, capsys):
    run(clock, epochs=3, steps=50, seconds=0.02, first_step=4.0)
    assert capsys.readouterr().err.splitlines() == [
        "first step: 4.0 s, mostly tracing and compiling",
        "epoch 1/3: loss 0.500, val_accuracy 0.750, 5.0 s",
        "epoch 2/3: loss 0.500, val_accuracy 0.750, 1.0 s, about 1.0 s left",
        "epoch 3/3: loss 0.500, val_accuracy 0.750, 1.0 s",
    ]


def test_long_epochs_are_estimated_from_their_first_steps(clock, capsys):
    run(clock, epochs=2, steps=100, seconds=3.0, first_step=9.0)
    lines = capsys.readouterr().err.splitlines()
    assert lines[1] == (
        "estimate: 5 min an epoch, about 10 min for 2 epochs of 100 steps, "
        "without validation"
    )
    assert lines[2].endswith("5 min 6 s, about 5 min 6 s left")


def test_a_terminal_gets_a_bar_that_names_its_numbers(
    clock, capsys, monkeypatch
):
    monkeypatch.setattr(progress_bar, "is_terminal", lambda: True)
    run(clock, epochs=2, steps=3, seconds=0.1)
    text = capsys.readouterr().err
    assert "\r" in text
    assert "epoch 2/2" in text
    assert "val_accuracy=0.750" in text
