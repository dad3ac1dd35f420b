"""Long work says early how long it takes, and fills no file with bars."""

import pytest

from keras_snow.core import progress
from keras_snow.core.progress import Progress
from keras_snow.core.progress import describe_seconds
from keras_snow.core.progress import watched


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set."""
    time = [100.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: time[0])
    return time


def run(clock, seconds, steps=100, **options):
    with Progress(steps, "batch", "source", **options) as bar:
        for _ in range(steps):
            clock[0] += seconds
            bar.update()


def test_a_file_gets_an_estimate_a_line_a_minute_and_the_end(clock, capsys):
    run(clock, 3.0)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "source: 2 of 100 batches, about 4 min 54 s left"
    assert lines[1] == "source: 22 of 100 batches, about 3 min 54 s left"
    assert lines[-1] == "source: 100 batches in 5 min"
    assert len(lines) == 6


def test_the_first_of_many_steps_does_not_count(clock, capsys):
    with Progress(10, "batch") as bar:
        for seconds in (15.0, 1.0):
            clock[0] += seconds
            bar.update()
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == "2 of 10 batches, about 8.0 s left"


def test_one_long_step_is_an_estimate(clock, capsys):
    bar = Progress(4, "task")
    clock[0] += 30
    bar.update()
    assert capsys.readouterr().err == "1 of 4 tasks, about 1 min 30 s left\n"


def test_short_work_says_nothing(clock, capsys):
    run(clock, 0.001)
    assert capsys.readouterr().err == ""


def test_hidden_work_says_nothing(clock, capsys):
    run(clock, 3.0, show=False)
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar(clock, capsys, monkeypatch):
    monkeypatch.setattr(progress, "is_terminal", lambda: True)
    run(clock, 3.0, steps=4)
    text = capsys.readouterr().err
    assert "\r" in text
    assert "about" not in text


def test_what_was_done_before_is_not_measured(clock):
    bar = Progress(10, "task", done=6, show=False)
    clock[0] += 5.0
    bar.update()
    assert bar.seconds_left == pytest.approx(15.0)


def test_steps_are_handed_on():
    assert list(watched([1, 2], 2, "step", show=False)) == [1, 2]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59.6, "1 min"),
        (600, "10 min"),
        (3599, "1 h"),
        (5400, "1 h 30 min"),
    ],
)
def test_times_are_rounded_as_people_do(seconds, words):
    assert describe_seconds(seconds) == words
