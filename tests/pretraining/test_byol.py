"""Training on pairs of views: what is watched, and what is refused."""

import numpy as np
import pytest

from keras_snow.data import Task
from keras_snow.metrics.nearest_neighbours import neighbour_accuracy
from keras_snow.pretraining import PRETEXTS
from keras_snow.pretraining import Byol
from keras_snow.pretraining import make_pretext
from keras_snow.pretraining import pretrain
from keras_snow.training import load_run
from tests.pretraining.tiny_pretexts import RECIPE
from tests.pretraining.tiny_pretexts import run
from tests.training.tiny_runs import QUIET
from tests.training.tiny_runs import SIZE
from tests.training.tiny_runs import tiny_task


def test_spread_and_neighbours_are_recorded_and_collapse_is_told(
    network, tmp_path, monkeypatch, capsys
):
    from keras_snow.pretraining import byol_session

    monkeypatch.setattr(byol_session, "COLLAPSED", 2.0)
    recipe = RECIPE.replace(epochs=1, augmentation="views")
    record = pretrain(
        Byol(str(network), hidden=8, projection=4),
        tiny_task(),
        recipe,
        out=tmp_path,
        image_size=SIZE,
        config=QUIET.replace(verbose=True),
    )
    assert "Epoch 1: the images look more and more alike" in (
        capsys.readouterr().err
    )
    (spread,), (nearest,) = (
        record["curves"][name] for name in ("spread", "val_knn")
    )
    results = record["results"]
    assert results["train"]["spread"] == spread > 0
    assert results["validation"]["knn"] == nearest
    assert set(results["test"]) == {"knn", "knn_untrained", "count"}
    with pytest.raises(ValueError, match="made a source.*--source"):
        load_run(tmp_path)


def test_neighbours_vote_by_how_near_they_are():
    bank = np.array([[1.0, 0.0], [0.0, 1.0], [0.1, 1.0], [0.2, 1.0]])
    labels = np.array([0, 1, 1, 1])
    asked = np.array([[1.0, 0.1], [0.1, 1.0]])
    accuracy = neighbour_accuracy(asked, np.array([0, 1]), bank, labels, 4)
    assert accuracy == 1.0
    assert neighbour_accuracy(asked, np.array([1, 0]), bank, labels, 4) == 0.0


@pytest.mark.parametrize(
    ("name", "augmentation", "words"),
    [
        ("byol", "crop", "Use `augmentation='views'`"),
        ("labels", "views", "by nothing else"),
        ("partition", "views", "by nothing else"),
        ("episodes", "views", "by nothing else"),
    ],
)
def test_two_views_are_for_byol_alone(network, name, augmentation, words):
    from keras_snow.pretraining import make_pretext

    small = {"ways": 2} if name == "episodes" else {}
    with pytest.raises(ValueError, match=words):
        pretrain(
            make_pretext(name, network=str(network), **small),
            tiny_task(),
            RECIPE.replace(augmentation=augmentation),
            image_size=SIZE,
            config=QUIET,
        )


def test_a_run_can_go_on_from_another_one_s_weights(network, tmp_path):
    settings = {"hidden": 8, "projection": 4}
    recipe = RECIPE.replace(epochs=1)
    run("byol", network, tmp_path / "one", recipe, **settings)
    pretrain(
        Byol(str(network), **settings),
        tiny_task(),
        RECIPE.replace(epochs=1, augmentation="views", learning_rate=1e-9),
        out=tmp_path / "two",
        image_size=SIZE,
        config=QUIET.replace(init=str(tmp_path / "one")),
    )
    from keras_snow.sources import load_source

    one, two = (load_source(tmp_path / x).network for x in ("one", "two"))
    np.testing.assert_allclose(
        one.get_layer("late_conv").kernel,
        two.get_layer("late_conv").kernel,
        atol=1e-6,
    )


def test_images_of_several_classes_are_for_labels_alone():
    task = Task.from_arrays(
        np.zeros((4, 8, 8, 3)), [[1, 1], [1, 0]] * 2, multi_label=True
    )
    for name in {*PRETEXTS.names()} - {"labels"}:
        with pytest.raises(ValueError, match="needs one class an image"):
            pretrain(make_pretext(name), task)


def test_images_without_classes_will_do_for_byol_and_for_nothing_else(network):
    from keras_snow.data.unlabelled import Unlabelled
    from keras_snow.pretraining import Labels

    photos = Unlabelled("photos", {"train": tiny_task().split("train")})
    recipe = RECIPE.replace(epochs=1, augmentation="views")
    options = {"image_size": SIZE, "config": QUIET}
    pretext = Byol(str(network), hidden=8, projection=4)
    record = pretrain(pretext, photos, recipe, **options)
    assert set(record["results"]) == {"train"}
    assert "val_knn" not in record["curves"]
    with pytest.raises(ValueError, match="these have none. Use `byol`"):
        pretrain(Labels(str(network)), photos, RECIPE, **options)
