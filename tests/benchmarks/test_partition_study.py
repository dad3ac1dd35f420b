"""The study of partitions: what it trains, and what it makes of errors."""

import numpy as np
import pytest

from benchmarks import partition_study
from benchmarks.partition_study import Study
from benchmarks.partition_study import format_rows
from benchmarks.partition_study import main
from benchmarks.partition_study import summarise
from keras_snow.metrics.pairs_needed import pairs_needed

pytestmark = pytest.mark.once


@pytest.fixture
def file(tmp_path):
    labels = np.arange(60) % 6
    images = np.zeros((60, 8, 8, 3), "uint8") + labels[:, None, None, None]
    images = images.astype("uint8")
    path = tmp_path / "six.npz"
    np.savez(path, images=images, labels=labels)
    return str(path)


def test_each_pair_has_halves_of_its_own_and_a_plain_run(
    file, tmp_path, monkeypatch, capsys
):
    seen = []

    def record(top1):
        return {"results": {"test": {"top1": top1, "count": 9}}}

    def pretrain(pretext, task, recipe, *, out, **options):
        seen.append(("A", pretext.to_dict(), task.class_names, options["seed"]))
        return record(0.5 + 0.1 * getattr(pretext, "binary_weight", 0.0))

    def train(build, task, recipe, *, out, **options):
        seen.append((out.name, build.args[1], task.class_names, recipe))
        return record(0.4)

    monkeypatch.setattr(partition_study, "pretrain", pretrain)
    monkeypatch.setattr(partition_study, "train", train)
    main(
        [file, "--out", str(tmp_path / "out"), "--pairs", "2"]
        + ["--weights", "0.3", "--partitions", "2", "--network", "conv4"]
        + ["--transfers", file]
    )
    assert [each[0] for each in seen] == ["A", "B", "six"] * 6
    first, other = seen[0], seen[9]
    assert first[1] == {"network": "conv4"}
    assert seen[3][1]["binary_weight"] == 0.3
    assert seen[6][1]["partitions"] == 2
    assert (first[3], other[3]) == (0, 1)
    assert set(first[2]) != set(other[2])
    assert not set(first[2]) & set(seen[1][2])
    assert seen[1][1] == str(tmp_path / "out/pair0/plain/A")
    assert seen[1][3].body_rate == 0.1
    table = capsys.readouterr().out
    assert "| B0.3-N1 | A | 2 | 47.0 | -3.0 (-3.0 to -3.0) |" in table


def test_differences_are_paired():
    plain = [{"A": 0.30}, {"A": 0.50}, {"A": 0.40}]
    other = [{"A": 0.32}, {"A": 0.51}, {"A": 0.43}]
    row = summarise({(0.0, 1): plain, (0.3, 1): other})[1]
    assert row["difference"] == pytest.approx(0.02)
    # The deviation of 2, 1 and 3 points, not of the errors themselves.
    assert row["deviation"] == pytest.approx(0.01)
    assert row["low"] < 0.0 < row["high"]
    assert row["needed"] == pairs_needed(0.01, 0.01) == 8
    assert "+2.0 (-0.5 to +4.5)" in format_rows([row])


def test_the_published_regime_is_a_preset():
    assert partition_study.PAPER["network"] == "densenet_bc_100_12"
    assert Study(**partition_study.PAPER).epochs == 175


def test_bad_input_is_told(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([str(tmp_path / "missing.npz")])
    assert "missing.npz" in capsys.readouterr().err
    with pytest.raises(ValueError, match="difference=0"):
        pairs_needed(1.0, 0)
