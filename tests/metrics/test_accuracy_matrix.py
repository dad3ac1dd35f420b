"""Measures of a sequence, beside tables that were computed by hand."""

import numpy as np
import pytest

from keras_snow.metrics import average_accuracy
from keras_snow.metrics import average_incremental_accuracy
from keras_snow.metrics import backward_transfer
from keras_snow.metrics import forgetting
from keras_snow.metrics import forward_transfer
from keras_snow.metrics import mean_of_measured_accuracies

NAN = np.nan
# Three tasks; above the diagonal what is reached before learning.
MATRIX = [
    [0.9, 0.3, NAN],
    [0.7, 0.8, 0.5],
    [0.8, 0.6, 0.7],
]
# Table 9 of Yoo et al., 2020, order A: Car, Action, CUB, DTD, Food.
ORDER_A = [
    [81.87, NAN, NAN, NAN, NAN],
    [28.40, 77.08, NAN, NAN, NAN],
    [22.78, 68.87, 70.94, NAN, NAN],
    [22.44, 62.60, 46.12, 71.93, NAN],
    [15.31, 56.36, 32.91, 39.29, 79.71],
]


def test_average_accuracy_is_the_mean_of_the_last_row():
    assert average_accuracy(MATRIX) == pytest.approx((0.8 + 0.6 + 0.7) / 3)


def test_average_incremental_accuracy_is_the_mean_of_the_means_of_the_rows():
    means = [0.9, (0.7 + 0.8) / 2, (0.8 + 0.6 + 0.7) / 3]
    found = average_incremental_accuracy(MATRIX)
    assert found == pytest.approx(sum(means) / 3)


def test_the_mean_of_all_that_was_measured_weighs_all_the_same():
    total = 0.9 + 0.7 + 0.8 + 0.8 + 0.6 + 0.7
    assert mean_of_measured_accuracies(MATRIX) == pytest.approx(total / 6)


def test_forgetting_counts_from_the_best_that_was_ever_reached():
    np.testing.assert_allclose(forgetting(MATRIX), [0.9 - 0.8, 0.8 - 0.6])


def test_what_a_task_gains_from_later_ones_is_negative_forgetting():
    np.testing.assert_allclose(forgetting([[0.5, NAN], [0.75, 1.0]]), [-0.25])


def test_backward_transfer_counts_from_the_moment_of_learning():
    matrix = [[0.5, NAN, NAN], [0.9, 0.8, NAN], [0.7, 0.6, 0.7]]
    expected = ((0.7 - 0.5) + (0.6 - 0.8)) / 2
    assert backward_transfer(matrix) == pytest.approx(expected)
    # Forgetting of the same table counts from 0.9.
    np.testing.assert_allclose(forgetting(matrix), [0.2, 0.2])


def test_forward_transfer_reads_right_above_the_diagonal():
    expected = ((0.3 - 0.25) + (0.5 - 0.4)) / 2
    found = forward_transfer(MATRIX, [NAN, 0.25, 0.4])
    assert found == pytest.approx(expected)


def test_table_9_of_the_paper():
    assert average_accuracy(ORDER_A) == pytest.approx(44.716)
    lost = [66.56, 20.72, 38.03, 32.64]
    np.testing.assert_allclose(forgetting(ORDER_A), lost)
    assert backward_transfer(ORDER_A) == pytest.approx(-39.4875)
    # By hand: 81.87, 52.74, 54.1967, 50.7725, 44.716.
    found = average_incremental_accuracy(ORDER_A)
    assert found == pytest.approx(56.8590, abs=1e-3)


def test_nothing_changes_without_forgetting():
    matrix = [[0.9, NAN], [0.9, 0.4]]
    assert forgetting(matrix).tolist() == [0.0]
    assert backward_transfer(matrix) == 0.0


@pytest.mark.parametrize(
    "measure", [average_accuracy, forgetting, backward_transfer]
)
@pytest.mark.parametrize("matrix", [[[0.5, 0.5]], [], [0.5], [[NAN]]])
def test_what_is_no_matrix_of_accuracies_is_refused(measure, matrix):
    with pytest.raises(ValueError, match="matrix"):
        measure(matrix)


@pytest.mark.parametrize("measure", [forgetting, backward_transfer])
def test_one_task_has_no_other_to_forget_it_for(measure):
    with pytest.raises(ValueError, match="takes two"):
        measure([[0.5]])


def test_forward_transfer_needs_both_of_its_numbers():
    with pytest.raises(ValueError, match="before it was learned"):
        forward_transfer([[0.5, NAN], [0.5, 0.5]], [NAN, 0.5])
    with pytest.raises(ValueError, match="one baseline a task"):
        forward_transfer(MATRIX, [0.5])
