"""The benchmark of the training step."""

import dataclasses
import json

import keras
import pytest

from benchmarks import train_step
from keras_snow.training import choose_placement

on_jax = keras.backend.backend() == "jax"


@pytest.fixture
def tiny_source(tmp_path):
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 3, 2, "same", name="early")(image)
    x = keras.layers.Conv2D(8, 3, 2, "same", name="late")(x)
    path = tmp_path / "tiny.keras"
    # Two ends of a chain: the last before each shrinking.
    keras.Model(image, x).save(path)
    return path


def test_measures_the_methods_side_by_side(tiny_source, tmp_path, capsys):
    out = tmp_path / "steps.json"
    train_step.main(
        f"--methods fo,snow --source {tiny_source} --image-size 16 "
        f"--batch-size 2 --steps 2 --num-classes 5 --json {out} "
        f"--out {tmp_path}".split()
    )
    rows = json.loads(out.read_text())["rows"]
    # FO: a kernel of 8 features and 5 biases.
    assert rows[0]["trained_parameters"] == 8 * 5 + 5
    assert [row["method"] for row in rows] == ["fo", "snow"]
    # As the paper's column, whatever comes last.
    assert rows[0]["relative_throughput"] == 1.0
    assert json.loads(out.read_text())["settings"]["reference"] == "fo"
    assert rows[1]["seconds"] > 0
    assert rows[1]["processor_seconds"] > 0
    assert "of fo" in capsys.readouterr().out
    table = (tmp_path / "steps.md").read_text().splitlines()
    assert "| fo = 1 | paper, fo = 1 |" in table[0]
    assert ("GFLOP a step | planned MB" in table[0]) == on_jax
    assert bool(rows[1]["flops"] and rows[1]["planned_bytes"]) == on_jax
    assert [line.split("`")[1] for line in table[2:]] == sorted(
        ["snow", "fo"],
        key=lambda name: {row["method"]: row["seconds"] for row in rows}[name],
    )
    assert (tmp_path / "steps.png").stat().st_size > 0


def a_row(method, **values):
    row = dict.fromkeys(("seconds", "images_per_second"), 1.0)
    row |= {"relative_throughput": 1.0, "trained_parameters": 2_000_000}
    return {**row, "method": method, "flops": None, **values}


def test_the_last_method_is_the_measure_where_fo_is_not_measured():
    assert "| ft = 1 |" in train_step.table([a_row("snow"), a_row("ft")])


def test_what_xla_plans_has_columns_where_it_is_known():
    plan = {"flops": 3.5e9, "planned_bytes": 12_000_000}
    head, _, line = train_step.table([a_row("snow", **plan)]).splitlines()
    assert head.endswith("| GFLOP a step | planned MB |")
    assert line.endswith("| 2.00 | 3.5 | 12 |")
    assert "GFLOP" not in train_step.table([a_row("snow")])


def test_a_strategy_is_chosen_as_in_training(tiny_source, tmp_path):
    many = "data_parallel" if on_jax else "mirrored"
    train_step.main(
        f"--methods fo --source {tiny_source} --image-size 16 --batch-size 2 "
        f"--steps 1 --num-classes 5 --strategy {many} --out {tmp_path}".split()
    )
    found = json.loads((tmp_path / "steps.json").read_text())
    assert found["settings"]["strategy"] == many
    assert found["settings"]["placement"]["strategy"] == many
    assert found["rows"][0]["images_per_second"] > 0


@pytest.mark.parametrize("name", ["multi_host", "central_storage", "miror"])
def test_a_strategy_that_is_not_measured_is_refused(name, capsys):
    with pytest.raises(SystemExit) as ended:
        train_step.main(["--strategy", name])
    assert ended.value.code == 2
    assert f"strategy='{name}'" in capsys.readouterr().err


def test_a_batch_that_does_not_divide_is_refused():
    three = dataclasses.replace(choose_placement(), replicas=3)
    with pytest.raises(ValueError, match="batch_size=16, devices=3"):
        train_step.measure(["fo"], placement=three)


def test_devices_are_made_before_the_backend_is_used(tiny_source, capsys):
    keras.random.normal((2,))
    with pytest.raises(SystemExit) as ended:
        train_step.main(f"--devices 2 --source {tiny_source}".split())
    assert ended.value.code == 2
    assert "before the backend is used" in capsys.readouterr().err


def test_an_unknown_method_ends_with_code_2(capsys):
    with pytest.raises(SystemExit) as ended:
        train_step.main(["--methods", "snw"])
    assert ended.value.code == 2
    assert "Did you mean" in capsys.readouterr().err
