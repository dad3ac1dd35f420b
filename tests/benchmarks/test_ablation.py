"""The ablation of SNOW's choices."""

import types

import numpy as np
import pytest

from benchmarks import ablation
from keras_snow.sources import Source
from keras_snow.tuning.setting import Setting
from tests.toys import residual_network


@pytest.fixture
def trained(monkeypatch):
    """Lists the model and recipe of each run, and trains none."""
    runs = []

    def note(build, task, recipe, **options):
        del task, options
        runs.append((build(), recipe))
        return {
            "results": {"test": {"top1": 0.5}},
            "curves": {"loss": [1.0]},
            "parameters": {"trained": 10},
        }

    task = types.SimpleNamespace(num_classes=3)
    source = Source(residual_network())
    monkeypatch.setattr(ablation, "train", note)
    monkeypatch.setattr(ablation, "load_task", lambda name: task)
    monkeypatch.setattr(ablation, "load_source", lambda name: source)
    return runs


@pytest.mark.slow
def test_trains_each_variant_and_tells_its_accuracy(tmp_path, capsys):
    draw = np.random.default_rng(0)
    images = draw.integers(0, 255, (60, 32, 32, 3)).astype("uint8")
    np.savez(tmp_path / "task.npz", images=images, labels=np.arange(60) % 3)
    residual_network().save(tmp_path / "source.keras")
    rows = ablation.run(
        str(tmp_path / "task.npz"),
        str(tmp_path / "source.keras"),
        ["slots"],
        tmp_path / "out",
        ablation.Study(image_size=32, epochs=1),
    )
    assert [row["variant"] for row in rows] == ["slots"]
    assert 0.0 <= rows[0]["top1"] <= 1.0
    assert "slots" in capsys.readouterr().out


def test_an_unknown_variant_names_the_nearest(tmp_path):
    with pytest.raises(ValueError, match="Did you mean `rank`"):
        ablation.run("x.npz", "resnet50", ["rnk"], tmp_path, ablation.Study())


def test_a_variant_changes_the_delta_or_the_recipe(trained, tmp_path):
    names = [
        "levels, rank order",
        "levels, stable slots",
        "levels, constant noise",
        "rows, constant noise",
        "rows, all levels into the head",
    ]
    ablation.run("task", "source", names, tmp_path, ablation.Study(epochs=4))
    found = [
        (x.delta.settings.head, x.delta.settings.binding, recipe.sigma_schedule)
        for x, recipe in trained
    ]
    assert found == [
        ("levels", "rank", "anneal"),
        ("levels", "slots", "anneal"),
        ("levels", "rows", "constant"),
        ("delta", "rows", "constant"),
        ("levels", "rows", "anneal"),
    ]
    assert {recipe.epochs for _, recipe in trained} == {4}


def test_each_variant_is_a_setting_with_a_folder_of_its_own():
    for given in ablation.VARIANTS.values():
        Setting.of(given)
    folders = {ablation.folder_name(name) for name in ablation.VARIANTS}
    assert len(folders) == len(ablation.VARIANTS)
