"""One setting is changed at a time, and stands beside the paper's."""

import json

import numpy as np
import pytest

from keras_snow.core.claim import claimed_folder
from keras_snow.data.task import Task
from keras_snow.reports import sensitivity as module
from keras_snow.reports.paper import METHODS
from keras_snow.reports.paper import SENSITIVITY
from keras_snow.reports.sensitivity import BASE
from keras_snow.reports.sensitivity import sensitivity

TASK = Task.from_arrays(np.zeros((10, 8, 8, 3), "uint8"), [0, 1] * 5)


@pytest.fixture
def swept(monkeypatch):
    """The settings that are trained; a wider delta is better, auto diverges."""
    seen = []

    def pretend(task, settings, out, options):
        seen.extend(settings)
        return [answer(setting) for setting in settings]

    monkeypatch.setattr(module, "sweep", pretend)
    return seen


def answer(setting):
    if setting["sigma"] == "auto":
        return {"status": "diverged", "results": None}
    top1 = setting["width"] + setting["seed"] / 100
    return {
        "status": "finished",
        "results": {"test": {"top1": top1, "top5": 1.0}},
    }


def test_each_setting_differs_from_the_papers_in_one_place(swept, tmp_path):
    sensitivity(TASK, tmp_path)
    changed = [{n for n in BASE if each[n] != BASE[n]} for each in swept]
    assert sorted(map(len, changed)) == [0] + [1] * 8
    assert len({json.dumps(each) for each in swept}) == len(swept)


def test_the_papers_numbers_stand_beside(swept, tmp_path):
    rows = sensitivity(TASK, tmp_path)
    assert len(rows) == 3 + 3 + 5
    for row in rows:
        printed = SENSITIVITY[row["setting"]].get(row["value"], (None, None))
        assert (row["paper_top1"], row["paper_top5"]) == printed
    page = (tmp_path / "sensitivity.md").read_text()
    assert "| width M/16 | 6.2 % | 100.0 % | 80.4 % | 95.9 % |" in page
    assert "| sigma² = auto | – | – | – | – |" in page


def test_a_folder_in_use_is_refused(swept, tmp_path):
    with (
        claimed_folder(tmp_path, "training"),
        pytest.raises(ValueError, match="Another process is training"),
    ):
        sensitivity(TASK, tmp_path)
    assert not swept


def test_the_papers_own_setting_is_table_seven_s():
    snow = METHODS["snow"]
    cars = (snow.top1["cars196"], snow.top5["cars196"])
    for name, values in SENSITIVITY.items():
        assert values[BASE[name]] == cars


def test_a_fixed_setting_stays_while_others_change(swept, tmp_path):
    sensitivity(TASK, tmp_path, only=["k"], fixed={"head": "last", "width": 1})
    assert {(each["head"], each["width"]) for each in swept} == {("last", 1)}
    assert sorted(each["k"] for each in swept) == [1 / 16, 1 / 8, 1 / 4]


def test_a_fixed_seed_is_refused(swept, tmp_path):
    with pytest.raises(ValueError, match="`seeds`"):
        sensitivity(TASK, tmp_path, fixed={"seed": 3})
    assert not swept


def test_seeds_are_averaged(swept, tmp_path):
    rows = sensitivity(TASK, tmp_path, only=["width"], seeds=[0, 2])
    assert rows[0]["top1"] == pytest.approx(0.26)
    assert rows[0]["top1_of_seeds"] == [0.25, 0.27]
    assert json.loads((tmp_path / "sensitivity.json").read_text()) == rows
