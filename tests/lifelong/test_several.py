"""Sequences beside each other: methods and orders."""

import csv
import shutil

import pytest
from tiny_sequences import OPTIONS

from keras_snow.lifelong import learn
from keras_snow.lifelong import learn_several
from keras_snow.lifelong.several import format_comparison


def test_what_is_learned_already_is_set_beside_the_rest(
    shared, source, tasks, tmp_path, monkeypatch
):
    shutil.copytree(shared[1], tmp_path / "ft_shared")
    orders = []

    def pretended(sequence, method, *rest):
        orders.append((method, [task.name for task in sequence]))
        if len(orders) > 1:
            sequence = sequence[::-1]
        return learn(sequence, method, rest[0], tmp_path / "ft_shared", OPTIONS)

    monkeypatch.setattr("keras_snow.lifelong.several.learn", pretended)
    both = ("given", "reversed")
    found = learn_several(tasks, ["ft_shared"], source, tmp_path, OPTIONS, both)
    assert orders == [
        ("ft_shared", ["colours", "stripes"]),
        ("ft_shared", ["stripes", "colours"]),
    ]
    assert list(found) == ["ft_shared", "ft_shared-reversed"]
    page = (tmp_path / "sequences.md").read_text()
    assert "## ft_shared-reversed" in page
    assert format_comparison(found) in page
    assert (tmp_path / "sequences.png").read_bytes().startswith(b"\x89PNG")


def test_the_table_tells_whether_answers_are_unchanged(shared, snow):
    record, out, _ = shared
    lines = format_comparison({"ft": record, "snow": snow[0]}).splitlines()
    cells = [[x.strip() for x in line.split("|")[1:-1]] for line in lines]
    head, _, ft, delta = cells
    place = head.index("answers unchanged")
    assert (ft[place], delta[place]) == ("no", "yes")
    place = head.index("average accuracy, %")
    with (out / "lifelong.csv").open() as file:
        last = [row for row in csv.DictReader(file) if row["step"] == "2"]
    mean = sum(float(row["test_accuracy"]) for row in last) / 2
    assert ft[place] == f"{100 * mean:.2f}"


@pytest.mark.parametrize("methods", [[], ["fo", "fo"], ["foo"]])
def test_each_method_is_named_once(source, tasks, tmp_path, methods):
    with pytest.raises(ValueError, match="method"):
        learn_several(tasks, methods, source, tmp_path, OPTIONS)
