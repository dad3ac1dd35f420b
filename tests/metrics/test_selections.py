"""How much two choices have in common, and what is taken for what."""

import numpy as np
import pytest

from keras_snow.metrics import chance_overlap
from keras_snow.metrics import confusion_matrix
from keras_snow.metrics import jaccard
from keras_snow.metrics import overlap_matrix


def test_overlap_counts_sets_whatever_their_order():
    assert jaccard(np.array([3, 1, 2]), np.array([2, 3, 1])) == 1.0
    assert jaccard(np.array([0]), np.array([1])) == 0.0
    assert jaccard(np.array([]), np.array([])) == 1.0


def test_each_tap_counts_alike():
    one = {"early": np.array([0]), "late": np.arange(100)}
    other = {"early": np.array([1]), "late": np.arange(100)}
    assert overlap_matrix([one, other]).tolist() == [[1.0, 0.5], [0.5, 1.0]]


def test_tasks_without_a_tap_in_common_are_refused():
    with pytest.raises(ValueError, match="other sources"):
        overlap_matrix([{"a": np.array([0])}, {"b": np.array([0])}])


def test_chance_is_what_random_choices_give():
    draw = np.random.default_rng(0)
    tasks = [{"tap": draw.choice(256, 32, replace=False)} for _ in range(40)]
    matrix = overlap_matrix(tasks)
    mean = matrix[np.triu_indices(40, 1)].mean()
    assert chance_overlap({"tap": (32, 256)}) == pytest.approx(mean, abs=5e-3)


def test_rows_of_a_confusion_matrix_are_classes():
    matrix = confusion_matrix(np.array([0, 2, 2, 2]), np.array([1, 2, 2, 0]), 3)
    assert matrix.tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 2]]
