"""Choosing a learning rate from a small grid."""

import pytest

from keras_snow.reports.rates import choose_rate


def trial(top1, loss=1.0):
    return {"status": "finished", "problem": None, "top1": top1, "loss": loss}


DIVERGED = {"status": "diverged", "problem": "It diverged."}


def peak_at(best):
    """Validation accuracy falls with the distance from the best rate."""
    return lambda rate: trial(1 / (1 + max(rate / best, best / rate)))


def test_the_best_rate_of_the_grid_is_taken():
    choice = choose_rate(0.1, peak_at(0.1))
    assert choice["learning_rate"] == 0.1
    assert len(choice["trials"]) == 3


def test_a_best_rate_at_the_edge_is_followed():
    choice = choose_rate(0.1, peak_at(1.0))
    assert choice["learning_rate"] == 1.0
    tried = [each["learning_rate"] for each in choice["trials"]]
    assert tried == [0.032, 0.1, 0.32, 1.0, 3.2]
    assert not choice["at_edge"]


def test_it_is_said_when_the_best_rate_may_lie_beyond():
    choice = choose_rate(0.1, peak_at(1000.0))
    assert choice["learning_rate"] == 3.2
    assert choice["at_edge"]


def test_equal_accuracy_is_decided_by_the_loss():
    choice = choose_rate(0.1, lambda rate: trial(0.5, loss=abs(rate - 0.1)))
    assert choice["learning_rate"] == 0.1


def test_a_diverged_rate_is_never_the_best():
    choice = choose_rate(0.1, lambda x: DIVERGED if x > 0.05 else trial(0.3))
    assert choice["learning_rate"] < 0.05


def test_divergence_everywhere_is_said_with_the_rates():
    choice = choose_rate(0.1, lambda rate: DIVERGED)
    assert choice["learning_rate"] is None
    assert choice["status"] == "diverged"
    assert "every learning rate of 0.032, 0.1, 0.32" in choice["problem"]


def test_failures_are_not_called_divergence():
    failed = {"status": "failed", "problem": "No memory."}
    choice = choose_rate(0.1, lambda x: DIVERGED if x > 0.2 else failed)
    assert (choice["status"], choice["problem"]) == ("failed", "No memory.")


def test_a_negative_number_of_extensions_is_refused():
    with pytest.raises(ValueError, match="extensions=-1"):
        choose_rate(0.1, peak_at(0.1), extensions=-1)
