"""The benchmark of the training step."""

import json

import keras
import pytest

from keras_snow.benchmarks import train_step


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
        f"--methods snow,fo --source {tiny_source} --image-size 16 "
        f"--batch-size 2 --steps 2 --num-classes 5 --json {out} "
        f"--out {tmp_path}".split()
    )
    rows = json.loads(out.read_text())["rows"]
    # FO: a kernel of 8 features and 5 biases.
    assert rows[1]["trained_parameters"] == 8 * 5 + 5
    assert [row["method"] for row in rows] == ["snow", "fo"]
    assert rows[1]["relative_throughput"] == 1.0
    assert rows[0]["seconds"] > 0
    assert rows[0]["processor_seconds"] > 0
    assert "images/s" in capsys.readouterr().out
    table = (tmp_path / "steps.md").read_text().splitlines()
    assert "paper, fo = 1" in table[0]
    assert [line.split("`")[1] for line in table[2:]] == sorted(
        ["snow", "fo"],
        key=lambda name: {row["method"]: row["seconds"] for row in rows}[name],
    )
    assert (tmp_path / "steps.png").stat().st_size > 0


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
