"""Mistakes: who is wrong, and what it was taken for."""

import numpy as np
import pytest

from keras_snow.metrics import list_mistakes

NAMES = ("cat", "dog", "horse", "bird")


def test_the_likeliest_classes_come_first_with_their_probabilities():
    logits = np.log([[0.1, 0.6, 0.25, 0.05], [0.7, 0.1, 0.1, 0.1]])
    (mistake,) = list_mistakes(logits, [2, 0], NAMES)
    assert mistake["index"] == 0
    assert mistake["true"] == "horse"
    assert mistake["top"] == [
        {"class": "dog", "probability": 0.6},
        {"class": "horse", "probability": 0.25},
        {"class": "cat", "probability": 0.1},
    ]


def test_large_logits_do_not_overflow():
    (mistake,) = list_mistakes([[1e4, -1e4]], [1], NAMES[:2])
    assert mistake["top"][0] == {"class": "cat", "probability": 1.0}


def test_logits_that_are_not_finite_are_a_mistake_without_an_answer():
    found = list_mistakes([[np.nan, 1.0], [0.0, 1.0]], [0, 1], NAMES[:2])
    assert found == [{"index": 0, "true": "cat", "top": []}]


def test_another_number_of_classes_is_refused():
    with pytest.raises(ValueError, match="a logit a class"):
        list_mistakes(np.zeros((2, 3)), [0, 1], NAMES)
