"""A path that does not exist leads to the one that was probably meant."""

import pytest

from keras_snow.core.near_path import did_you_mean
from keras_snow.core.near_path import find_near_path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "birds").mkdir(parents=True)
    (tmp_path / "models" / "birds" / "small.keras").touch()
    (tmp_path / ".models").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "typed",
    [
        "models/birds/smal.keras",
        "models/birds/small",
        "models/birds/small.h5",
        "models/birds/Small.KERAS",
        "modles/brids/small.keras",
    ],
)
def test_a_typo_leads_to_the_neighbour(folder, typed):
    assert find_near_path(typed) == "models/birds/small.keras"


def test_an_absolute_path_stays_absolute(folder):
    near = find_near_path(folder / "model")
    assert near == str(folder / "models")


def test_what_is_like_nothing_gets_no_hint(folder):
    assert did_you_mean("models/birds/zzz") == ""
    assert did_you_mean("nowhere/at/all") == ""
