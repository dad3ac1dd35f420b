"""Rules of choice: planted maps are found, and differences are paired."""

import numpy as np
import pytest

from benchmarks import choice_study
from benchmarks.choice_study import RULES
from benchmarks.choice_study import Images
from benchmarks.choice_study import choose
from benchmarks.choice_study import format_rows
from benchmarks.choice_study import study
from benchmarks.choice_study import summarise

MAPS, USEFUL = 40, [3, 5, 22, 37]
TAPS = np.repeat([0, 1], MAPS // 2)


def planted(count=80):
    """Two classes that four maps tell apart, two of each tap."""
    draw = np.random.default_rng(0)
    labels = np.arange(count) % 2
    values = draw.normal(size=(count, MAPS, 2))
    values[:, USEFUL] += 3.0 * (labels[:, None, None] - 0.5)
    return values.astype("float32"), labels


@pytest.mark.parametrize(
    "rule", ["variance", "Fisher ratio", "group lasso", "ridge weights"]
)
def test_rules_that_look_find_what_was_planted(rule):
    values, labels = planted()
    scores = RULES[rule](Images(values, labels, TAPS), np.random.default_rng(0))
    assert choose(scores, TAPS, 0.1).tolist() == USEFUL


def test_rules_that_do_not_look_find_less():
    found = study(*planted(), TAPS, [0.1], splits=4)
    means = {rule: np.mean(values) for (_, rule), values in found.items()}
    assert means["Fisher ratio"] > 0.95
    assert means["first"] < means["Fisher ratio"] - 0.1
    rows = summarise({"planted": found})
    better = next(row for row in rows if row["rule"] == "Fisher ratio")
    assert better["low"] <= better["difference"] <= better["high"]
    assert "| 1/10 | Fisher ratio |" in format_rows(rows)


def test_the_command_reads_a_folder(tmp_path, monkeypatch, capsys):
    values, labels = planted(40)
    monkeypatch.setattr(
        choice_study, "_read", lambda task, given: (values, labels, TAPS)
    )
    place = str(tmp_path / "out")
    choice_study.main(
        ["birds", "--source", "x", "--splits", "2", "--out", place]
    )
    assert "| maps | rule | birds | mean |" in capsys.readouterr().out
    assert (tmp_path / "out" / "rows.json").is_file()
