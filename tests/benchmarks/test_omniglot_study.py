"""The study of Omniglot: which characters are trained on, and its table."""

import numpy as np
import pytest

from benchmarks import omniglot_study
from benchmarks.omniglot_study import main
from benchmarks.omniglot_study import read_omniglot

pytestmark = pytest.mark.once


@pytest.fixture
def file(tmp_path):
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (3, 2, 28, 28), "uint8")
    names = ["Greek/character01", "Sanskrit/character01", "Latin/character02"]
    np.savez(tmp_path / "drawn.npz", images=images, names=names)
    return tmp_path / "drawn.npz", images


def test_unseen_alphabets_are_kept_and_turned_ones_are_others(file):
    path, images = file
    task = read_omniglot(path)
    train, test = task.split("train"), task.split("test")
    assert (len(train), len(test), task.num_classes) == (16, 2, 9)
    inner = (slice(2, -2), slice(2, -2), 0)
    np.testing.assert_array_equal(test.read(1)[inner], images[1, 1])
    # Of two characters, the second turn of the first one's second drawing.
    turned = np.rot90(images[0, 1], 2)
    np.testing.assert_array_equal(train.read(9)[inner], turned)
    assert train.labels.tolist() == np.repeat(range(8), 2).tolist()
    assert set(test.labels) == {8}


def test_a_line_is_a_network_and_a_column_a_kind_of_episode(
    file, tmp_path, monkeypatch, capsys
):
    def pretrain(pretext, task, recipe, *, out, **options):
        score = {"top1": 0.9, "low": 0.89, "high": 0.91, "ways": 5, "shots": 1}
        shapes = [score, {**score, "top1": 0.95, "shots": 5}]
        return {"seconds": 1.0, "results": {"test": {"shapes": shapes}}}

    monkeypatch.setattr(omniglot_study, "pretrain", pretrain)
    options = ["--out", str(tmp_path), "--distances", "euclidean,cosine"]
    main([str(file[0]), *options])
    lines = capsys.readouterr().out.splitlines()
    assert "| 5-way 1-shot | 5-way 5-shot |" in lines[0]
    assert lines[2:] == [
        "| euclidean | 0 | 0 | 90.0 ± 1.0 | 95.0 ± 1.0 |",
        "| cosine | 0 | 0 | 90.0 ± 1.0 | 95.0 ± 1.0 |",
    ]


def test_other_files_are_refused(tmp_path, capsys):
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(SystemExit):
        main([str(tmp_path / "other.npz"), "--out", str(tmp_path)])
    assert "must hold `images` and `names`" in capsys.readouterr().err
