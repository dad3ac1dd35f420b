"""A sequence of tasks: what each method leaves of the earlier ones."""

import csv
import dataclasses
import json
import pathlib
import shutil

import numpy as np
import pytest
from tiny_sequences import OPTIONS
from tiny_sequences import SIZE
from tiny_sequences import colours
from tiny_sequences import stripes

from keras_snow import load_run
from keras_snow.callbacks.scoring import score
from keras_snow.data.task import Task
from keras_snow.evaluation.answers import answer
from keras_snow.lifelong import LifelongOptions
from keras_snow.lifelong import learn
from keras_snow.lifelong import sequence_methods
from keras_snow.training import train


def logits_of(out, kind, number):
    return np.load(pathlib.Path(out, kind, f"{number:02}.npz"))["logits"]


def test_snow_forgets_nothing_bit_for_bit(snow, tasks):
    record, out = snow
    assert record["forgetting"] == [0.0]
    assert record["identical"] == [[], [True]]
    assert record["measures"]["backward_transfer"] == 0.0
    np.testing.assert_array_equal(
        logits_of(out, "logits", 1), logits_of(out, "answers", 1)
    )
    # As if nothing had come after: the first task's own run.
    model, _ = load_run(out / "tasks/01-colours")
    found = answer(model, tasks[0], "test", SIZE, 8)
    np.testing.assert_array_equal(found, logits_of(out, "logits", 1))


def test_snow_compares_as_many_images_as_it_was_told(snow):
    record, _ = snow
    assert record["compared"] == [[], [8]]


def test_a_delta_is_all_that_snow_keeps_for_a_task(snow):
    record, out = snow
    cost = record["costs"][0]
    model, _ = load_run(out / "tasks/01-colours")
    assert cost["kept_parameters"] == model.delta.count_params()
    assert cost["common_parameters"] == model.source.count_params()
    assert cost["seconds"] > 0


def test_a_shared_body_changes_the_answers_to_earlier_tasks(shared, tasks):
    record, out, _ = shared
    assert record["identical"] == [[], [False]]
    before, now = logits_of(out, "logits", 1), logits_of(out, "answers", 1)
    change = record["largest_change"][1][0]
    assert change == pytest.approx(np.abs(now - before).max())
    assert change > 0
    labels = tasks[0].labels("test")
    accuracies = [score(x, labels)["top1"] for x in (before, now)]
    assert [row[0] for row in record["matrix"]] == accuracies


def test_the_body_goes_on_from_the_task_before_and_the_head_stays(shared):
    record, out, _ = shared
    assert record["costs"][1]["kept_parameters"] == 32 * 2 + 2
    assert not (out / "tasks/01-colours/model").exists()
    model, _ = load_run(out / "tasks/02-stripes")
    head = np.load(out / "heads/01.npz")
    features = model.get_layer("pool").output.shape[-1]
    assert head["kernel"].shape == (features, 3)


def test_forward_transfer_is_measured_before_a_task_is_learned(shared):
    record, *_ = shared
    before, start = record["matrix"][0][1], record["start"][1]
    found = record["measures"]["forward_transfer"]
    assert found == pytest.approx(before - start)
    assert record["start"][0] is None


@pytest.mark.slow
def test_learning_without_forgetting_has_all_heads_in_its_last_model(
    source, tasks, tmp_path
):
    options = dataclasses.replace(OPTIONS, start="random")
    record = learn(tasks, "lf", source, tmp_path / "lf", options)
    model, _ = load_run(tmp_path / "lf/tasks/02-stripes")
    assert list(model.tasks) == ["colours", "stripes"]
    found = answer(model.for_task("colours"), tasks[0], "test", SIZE, 8)
    np.testing.assert_array_equal(
        found, logits_of(tmp_path / "lf", "answers", 1)
    )
    assert record["identical"] == [[], [False]]
    assert record["start"][1] is not None


def test_the_folder_has_page_table_figures_and_record(shared):
    record, out, _ = shared
    assert json.loads((out / "record.json").read_text()) == record
    page = (out / "lifelong.md").read_text()
    assert "| forgetting |" in page
    assert "ft_shared" in page
    with (out / "lifelong.csv").open() as file:
        rows = list(csv.DictReader(file))
    learned = [row for row in rows if row["moment"] == "learned"]
    assert [row["task"] for row in learned] == ["colours", "colours", "stripes"]
    assert float(learned[1]["test_accuracy"]) == record["matrix"][1][0]
    for name in ("matrix.png", "sequence.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_a_row_that_is_missing_is_measured_and_no_task_trained(
    shared, source, tasks, tmp_path, monkeypatch
):
    record, out, _ = shared
    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    for name in ("record.json", "rows/02.json"):
        (copy / name).unlink()
    trained = []
    monkeypatch.setattr(
        "keras_snow.lifelong.lifelong_run.train",
        lambda *args, **kwargs: trained.append(args),
    )
    again = learn(tasks, "ft_shared", source, copy, OPTIONS)
    assert trained == []
    assert again["matrix"] == record["matrix"]
    assert again["largest_change"] == record["largest_change"]


def test_a_sequence_killed_in_the_second_task_ends_as_if_it_was_not(
    shared, source, tasks, monkeypatch
):
    record, _, killed = shared
    trained = []

    def watched(*args, **kwargs):
        trained.append(kwargs["out"].name)
        return train(*args, **kwargs)

    monkeypatch.setattr("keras_snow.lifelong.lifelong_run.train", watched)
    again = learn(tasks, "ft_shared", source, killed, OPTIONS)
    assert trained == ["02-stripes"]
    assert again["matrix"] == record["matrix"]
    assert again["largest_change"] == record["largest_change"]


def test_a_finished_sequence_is_not_begun_again(shared, source, tasks):
    record, out, _ = shared
    before = (out / "record.json").stat().st_mtime_ns
    assert learn(tasks, "ft_shared", source, out, OPTIONS) == record
    assert (out / "record.json").stat().st_mtime_ns == before


def test_a_folder_of_another_sequence_is_refused(shared, source, tasks):
    with pytest.raises(ValueError, match="sequence.*there"):
        learn(tasks[::-1], "ft_shared", source, shared[1], OPTIONS)


@pytest.mark.parametrize(
    ("sequence", "words"),
    [
        ([], "two tasks at least"),
        ([colours()], "two tasks at least"),
        ([colours(), colours()], "there already as 'colours'"),
        ([colours(), colours("again")], "'again', which is there already"),
    ],
)
def test_what_is_no_sequence_is_refused(source, tmp_path, sequence, words):
    with pytest.raises(ValueError, match=words):
        learn(sequence, "fo", source, tmp_path / "out", OPTIONS)
    assert not (tmp_path / "out").exists()


def test_a_task_without_test_images_is_refused(source, tmp_path):
    whole = stripes()
    splits = {k: v for k, v in whole.splits.items() if k != "test"}
    task = Task("blind", whole.class_names, splits)
    with pytest.raises(ValueError, match="needs test images"):
        learn([colours(), task], "fo", source, tmp_path / "out", OPTIONS)


def test_an_unknown_method_names_the_nearest(source, tasks, tmp_path):
    with pytest.raises(ValueError, match="Did you mean `ft_shared`"):
        learn(tasks, "ft_sharde", source, tmp_path / "out", OPTIONS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"start": "sorce"}, "Did you mean `source`"),
        ({"recheck": 0}, "recheck=0"),
        ({"settings": {"previous": "x"}}, "sequence itself sets this"),
        ({"recipe": "smal"}, "Did you mean `small`"),
        ({"changes": {"epoch": 1}}, "Did you mean `epochs`"),
    ],
)
def test_bad_options_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        LifelongOptions(**arguments)


def test_every_method_of_the_package_learns_a_sequence():
    assert {"snow", "fo", "ft", "ft_shared", "lf"} <= set(sequence_methods())
