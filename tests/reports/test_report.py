"""From records to rows, tables, the figure and the paper's numbers."""

import csv
import json

import pytest
from PIL import Image

from keras_snow.reports import figure
from keras_snow.reports import paper
from keras_snow.reports import report
from tests.reports.fakes import a_folder
from tests.reports.fakes import a_plan
from tests.reports.fakes import a_record


@pytest.fixture
def result(tmp_path):
    records = {
        ("colours", "snow", 0): a_record(0.60, 90.0),
        ("colours", "snow", 1): a_record(0.70, 70.0),
        ("colours", "fo", 0): a_record(0.50, 160.0),
        ("colours", "fo", 1): "The process was ended by SIGKILL.",
    }
    return report(a_folder(tmp_path / "out", a_plan(), records).path)


def row_of(result, label, task="colours"):
    (row,) = [
        row
        for row in result["rows"]
        if (row["method"], row["task"]) == (label, task)
    ]
    return row


def test_accuracy_has_students_interval_over_seeds(result):
    top1 = row_of(result, "snow")["top1"]
    assert top1["mean"] == pytest.approx(0.65)
    # Two seeds: 12.706 standard errors of 0.05.
    assert top1["high"] - top1["mean"] == pytest.approx(0.6353, abs=1e-4)


def test_one_seed_has_no_interval(result):
    assert row_of(result, "fo")["top1"]["low"] is None


def test_speed_is_the_median_and_relative_to_the_final_layer(result):
    row = row_of(result, "snow")
    assert row["images_per_second"] == 80.0
    assert row["relative_speed"] == 0.5


def test_time_counts_to_the_best_epoch_on_the_validation_split(result):
    assert row_of(result, "snow")["best_epochs"] == [2, 2]
    assert row_of(result, "snow")["seconds_to_best"] == 9.0


def test_a_failed_seed_leaves_the_others_and_its_reason(result):
    row = row_of(result, "fo")
    assert row["status"] == "partial"
    assert row["seeds"] == [0]
    assert "SIGKILL" in row["problem"]


def test_what_no_task_changes_is_counted_once(tmp_path):
    plan = a_plan(["colours", "shapes"], ["fo"], [0])
    records = {
        ("colours", "fo", 0): a_record(),
        ("shapes", "fo", 0): a_record(),
    }
    totals = report(a_folder(tmp_path / "out", plan, records).path)["totals"]
    assert totals == {"fo": 1000 + 2 * 100}


def test_a_method_without_all_tasks_has_no_total(tmp_path):
    plan = a_plan(["colours", "shapes"], ["fo"], [0])
    records = {("colours", "fo", 0): a_record()}
    result = report(a_folder(tmp_path / "out", plan, records).path)
    assert result["totals"] == {"fo": None}
    assert row_of(result, "fo", "shapes")["status"] == "missing"


def test_the_files_say_the_same(tmp_path, result):
    out = tmp_path / "out"
    assert json.loads((out / "compare.json").read_text()) == result
    with (out / "compare.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["method"] for row in rows] == ["snow", "fo"]
    assert float(rows[0]["top1_mean"]) == pytest.approx(0.65)
    page = (out / "compare.md").read_text()
    assert "| snow | 65.0 % ± 63.5 | 100.0 % ± 0.0 | 0.1 |" in page
    assert "resident in the run's process" in page
    assert "SIGKILL" in page


def test_the_figure_can_be_opened(tmp_path, result):
    with Image.open(tmp_path / "out" / "compare.png") as image:
        assert min(image.size) > 300


def test_wide_intervals_do_not_hide_the_means():
    assert figure._limits([60.0, 80.0]) == (55.0, 85.0)
    assert figure._limits([60.0, 100.0]) == (50.0, 110.0)


def test_kept_maps_are_marked_and_not_called_a_speed(tmp_path):
    records = {
        ("colours", "snow", 0): a_record(speed=900.0, cache_taps=2),
        ("colours", "fo", 0): a_record(speed=100.0),
    }
    plan = a_plan(seeds=[0])
    result = report(a_folder(tmp_path / "out", plan, records).path)
    assert row_of(result, "snow")["relative_speed"] is None
    assert "900 (cached)" in (tmp_path / "out" / "compare.md").read_text()


def test_the_papers_numbers_stand_beside_the_same_task_alone(tmp_path):
    plan = a_plan(["cars196", "colours"], ["snow", "fo", "lora"], [0])
    records = {
        (task, label, 0): a_record(0.8, {"snow": 80.0}.get(label, 100.0))
        for task in ("cars196", "colours")
        for label in ("snow", "fo", "lora")
    }
    result = report(a_folder(tmp_path / "out", plan, records).path)
    assert [(x["task"], x["method"]) for x in result["paper"]] == [
        ("cars196", "snow"),
        ("cars196", None),
        ("cars196", "fo"),
    ]
    snow, smaller_batches, _ = result["paper"]
    assert snow["top1"] == pytest.approx(80.0)
    assert snow["paper_top1"] == 83.79
    assert snow["relative_speed"] == pytest.approx(0.8)
    assert snow["paper_relative_speed"] == pytest.approx(965.31 / 1085.67)
    assert (snow["top5"], snow["paper_top5"]) == (100.0, 96.94)
    assert smaller_batches["top1"] is None
    assert smaller_batches["paper_top1"] == 83.69
    assert smaller_batches["paper_relative_speed"] == pytest.approx(0.815, 1e-3)
    page = (tmp_path / "out" / "compare.md").read_text()
    assert (
        "| cars196 | snow (SNOW-256) | 80.00 (100.00) | 83.79 (96.94) |" in page
    )
    assert "| cars196 | – (SNOW-128) | – | 83.69 (97.04) | – | 0.82 |" in page


def test_the_papers_subscriptions_have_accuracies_but_no_speed(tmp_path):
    plan = a_plan(["cars196"], ["snow:attention", "fo"], [0])
    records = {
        ("cars196", label, 0): a_record(0.8, 100.0)
        for label in ("snow:attention", "fo")
    }
    result = report(a_folder(tmp_path / "out", plan, records).path)
    attention = result["paper"][0]
    assert attention["paper_top1"] == 82.94
    assert attention["paper_relative_speed"] is None
    page = (tmp_path / "out" / "compare.md").read_text()
    line = "snow:attention (channel-wise attention) | 80.00 (100.00) | 82.94 |"
    assert f"{line} 1.00 |" in page


# The lines of the paper's Table 7 as they are printed, top-5 in brackets.
COLUMNS = [
    "food101",
    "dtd",
    "stanford40_actions",
    "cars196",
    "caltech_birds2011",
]
TABLE_7 = {
    "FO": "70.76 (90.55) 70.81 (91.65) 76.41 (95.58) 51.96 (78.68) "
    "65.96 (89.90)",
    "FE": "82.24 (95.84) 71.45 (92.40) 73.97 (93.64) 74.05 (94.12) "
    "67.16 (91.27)",
    "FT": "87.63 (97.32) 61.56 (85.01) 75.40 (93.02) 90.26 (98.62) "
    "77.93 (93.37)",
    "MP": "81.97 (95.68) 72.41 (92.88) 81.51 (95.44) 81.42 (96.00) "
    "77.22 (94.24)",
    "PN": "86.19 (96.97) 74.32 (92.34) 79.99 (94.41) 86.26 (97.71) "
    "76.51 (93.63)",
    "SNOW-256": "84.06 (96.47) 72.37 (92.02) 78.48 (95.04) 83.79 (96.94) "
    "75.81 (94.05)",
    "SNOW-128": "84.20 (96.52) 73.98 (93.06) 79.28 (95.25) 83.69 (97.04) "
    "75.51 (93.87)",
}


@pytest.mark.parametrize("name", TABLE_7)
def test_accuracies_are_those_of_the_papers_table(name):
    methods = [*paper.METHODS.values(), paper.SNOW_128]
    lines = {
        " ".join(f"{x.top1[task]:.2f} ({x.top5[task]:.2f})" for task in COLUMNS)
        for x in methods
        if x.name == name
    }
    assert lines == {TABLE_7[name]}


def test_every_line_of_the_papers_table_is_known():
    methods = [*paper.METHODS.values(), paper.SNOW_128]
    assert {x.name for x in methods if x.top5} == set(TABLE_7)


def test_of_the_papers_lf_only_speed_and_memory_are_compared(tmp_path):
    records = {("cars196", "lf", 0): a_record(0.8, 25.0)}
    records["cars196", "fo", 0] = a_record(0.8, 100.0)
    plan = a_plan(["cars196"], ["lf", "fo"], [0])
    result = report(a_folder(tmp_path / "out", plan, records).path)
    found = result["paper"][0]
    assert found["paper_top1"] is None
    assert found["paper_relative_speed"] == pytest.approx(272.69 / 1085.67)
    page = (tmp_path / "out" / "compare.md").read_text()
    line = "lf (LF) | 80.00 (100.00) | – | 0.25 | 0.25 | 273 | 13.99 |"
    assert line in page


@pytest.mark.parametrize(
    ("source", "weights"), [("mobilenetv2", "imagenet"), ("resnet50", None)]
)
def test_another_source_is_not_the_papers(source, weights):
    settings = {"source": source, "weights": weights}
    assert not paper.is_papers_source(settings)


def test_a_part_of_a_set_is_not_the_papers_task():
    task = {"name": "cars196", "data": {"num_classes": 30}}
    assert paper.paper_task(task) is None


def test_a_folder_without_a_comparison_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no comparison"):
        report(tmp_path)
