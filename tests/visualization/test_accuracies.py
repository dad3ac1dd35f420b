"""Figures of a sequence show the accuracies that they were given."""

import numpy as np
import pytest

from keras_snow.visualization import draw_accuracy_matrix
from keras_snow.visualization import draw_accuracy_over_sequence

NAMES = ["cars", "food", "dtd"]
MATRIX = [[0.9, 0.3, np.nan], [0.7, 0.8, 0.5], [0.8, 0.6, 0.7]]


def test_a_cell_has_the_accuracy_and_what_is_unknown_stays_empty():
    axis = draw_accuracy_matrix(MATRIX, NAMES, "lf").axes[0]
    written = {
        text.get_position()[::-1]: text.get_text() for text in axis.texts
    }
    assert written[(1, 0)] == "70.0"
    assert written[(1, 2)] == "(50.0)"
    assert (0, 2) not in written
    assert [x.get_text() for x in axis.get_yticklabels()] == NAMES
    assert axis.get_title() == "lf"


def test_a_line_begins_when_its_task_is_learned():
    runs = {"lf": (MATRIX, NAMES), "snow": (np.eye(2) + 0.0, NAMES[:2])}
    axis, other, *_ = draw_accuracy_over_sequence(runs).axes
    lines = {line.get_label(): line for line in axis.get_lines()}
    np.testing.assert_allclose(lines["food"].get_xdata(), [1, 2])
    np.testing.assert_allclose(lines["food"].get_ydata(), [80, 60])
    np.testing.assert_allclose(lines["mean so far"].get_ydata(), [90, 75, 70])
    same = {line.get_label(): line for line in other.get_lines()}
    assert lines["food"].get_color() == same["food"].get_color()


@pytest.mark.parametrize("names", [[], ["cars"], [*NAMES, "cub"]])
def test_names_must_fit_the_matrix(names):
    with pytest.raises(ValueError, match="one column a task"):
        draw_accuracy_matrix(MATRIX, names)


def test_without_a_run_there_is_nothing_to_draw():
    with pytest.raises(ValueError, match="no run"):
        draw_accuracy_over_sequence({})
