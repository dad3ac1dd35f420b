"""Intervals of a mean, against printed tables."""

import math

import pytest

from keras_snow.metrics import confidence_interval
from keras_snow.metrics.confidence_interval import student_t


# Printed in any table of Student's distribution, two-sided.
@pytest.mark.parametrize(
    ("level", "degrees", "expected"),
    [
        (0.95, 1, 12.706),
        (0.95, 2, 4.303),
        (0.95, 3, 3.182),
        (0.95, 4, 2.776),
        (0.95, 9, 2.262),
        (0.95, 30, 2.042),
        (0.95, 1001, 1.962),
        (0.99, 5, 4.032),
        (0.5, 1, 1.0),
    ],
)
def test_students_t_is_what_the_tables_print(level, degrees, expected):
    assert student_t(level, degrees) == pytest.approx(expected, abs=6e-4)


def test_students_t_agrees_with_scipy():
    stats = pytest.importorskip("scipy.stats")
    for degrees in range(1, 40):
        assert student_t(0.9, degrees) == pytest.approx(
            stats.t.ppf(0.95, degrees), rel=1e-9
        )


def test_the_interval_of_two_values_is_theirs_times_a_table_entry():
    # Standard error of 0 and 2: sqrt(2) / sqrt(2) = 1.
    low, high = confidence_interval([0.0, 2.0])
    assert low == pytest.approx(1 - 12.7062, abs=1e-4)
    assert high == pytest.approx(1 + 12.7062, abs=1e-4)


def test_equal_values_leave_no_doubt():
    assert confidence_interval([0.5, 0.5, 0.5]) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [
        ([0.5], 0.95, "two measurements"),
        ([0.5, math.nan], 0.95, "finite"),
        ([0.5, 0.6], 1.0, "level=1.0"),
    ],
)
def test_what_has_no_interval_is_refused(values, level, words):
    with pytest.raises(ValueError, match=words):
        confidence_interval(values, level)


def test_no_degrees_of_freedom_are_refused():
    with pytest.raises(ValueError, match="degrees=0"):
        student_t(0.95, 0)
