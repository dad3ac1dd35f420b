"""A cross-validation chooses on validation images, and tests once."""

import dataclasses
import json

import numpy as np
import pytest

from keras_snow.data import Task
from keras_snow.data import load_task
from keras_snow.evaluation import evaluate
from keras_snow.reports import CrossValidationOptions
from keras_snow.reports import cross_validate
from keras_snow.reports import cross_validation
from keras_snow.reports.pixel_statistics import IMAGENET
from keras_snow.reports.pixel_statistics import measure_pixels
from keras_snow.reports.pixel_statistics import rescaling_to_imagenet
from keras_snow.training import TrainingOptions
from keras_snow.training import load_run
from keras_snow.training import verdict

TINY = CrossValidationOptions(
    image_size=16,
    epochs=2,
    batch_size=8,
    training=TrainingOptions(cache="memory", verbose=False, tensorboard=False),
)
HOT = 1e30


@pytest.fixture(scope="module")
def colours(task):
    return load_task(task, validation=0.2, seed=42)


@pytest.fixture(scope="module")
def study(colours, source, tmp_path_factory):
    """One rate that learns, one that learns less, and one that diverges."""
    out = tmp_path_factory.mktemp("study") / "out"
    record = cross_validate(colours, "ft", source, [1e-9, HOT, 0.05], out, TINY)
    return record, out


@pytest.fixture
def trained(monkeypatch):
    """The learning rates that are trained with."""
    rates = []
    original = verdict.train

    def watch(model, task, recipe, **options):
        rates.append(recipe.learning_rate)
        assert set(task.splits) == {"train", "validation"}
        return original(model, task, recipe, **options)

    monkeypatch.setattr(verdict, "train", watch)
    return rates


@pytest.fixture
def pretended(monkeypatch):
    """Pretends to train; `ends` says by rate how a training ends."""
    ends = {}

    def pretend(build, task, recipe, out, *_, **__):
        end = ends[recipe.learning_rate]
        if end is KeyboardInterrupt:
            raise end
        return {"learning_rate": recipe.learning_rate, **end}

    monkeypatch.setattr(cross_validation, "try_rate", pretend)
    return ends


def diverged():
    return {
        "status": "diverged",
        "problem": "It diverged.",
        "best_epoch": None,
        "validation": None,
        "curves": {},
        "seconds": 1.0,
    }


def test_the_best_rate_and_epoch_on_validation_are_chosen(study):
    record, _ = study
    assert record["status"] == "finished"
    by_rate = {trial["learning_rate"]: trial for trial in record["rates"]}
    finished = [by_rate[1e-9], by_rate[0.05]]
    scores = [
        (x["validation"]["top1"], -x["validation"]["loss"]) for x in finished
    ]
    best = finished[scores.index(max(scores))]
    assert record["chosen"]["learning_rate"] == best["learning_rate"]
    epoch = record["chosen"]["epoch"]
    assert best["curves"]["epoch"] == [1, 2]
    ranks = list(
        zip(
            best["curves"]["val_top1"],
            [-loss for loss in best["curves"]["val_loss"]],
            strict=True,
        )
    )
    assert ranks[epoch - 1] == max(ranks)
    validation = record["results"]["validation"]
    assert validation["top1"] == best["curves"]["val_top1"][epoch - 1]


def test_a_rate_that_diverges_is_reported_and_the_others_go_on(study):
    record, out = study
    trial = record["rates"][1]
    assert trial["learning_rate"] == HOT
    assert trial["status"] == "diverged"
    assert "The run diverged" in trial["problem"]
    assert trial["validation"] is None
    page = (out / "crossvalidation.md").read_text()
    assert "| 1e+30 | diverged | – | – | – |" in page
    for path in out.rglob("*.json"):
        json.loads(path.read_text(), parse_constant=pytest.fail)


def test_the_kept_model_is_the_one_that_was_tested(study, colours):
    record, out = study
    model, settings = load_run(out)
    found = evaluate(model, colours, "test", image_size=16)
    assert found == pytest.approx(record["results"]["test"], abs=1e-6)
    assert settings["class_names"] == list(colours.class_names)
    validation = evaluate(model, colours, "validation", image_size=16)
    assert validation == pytest.approx(
        record["results"]["validation"], abs=1e-6
    )
    assert len(list(out.rglob("*.keras"))) == 1
    assert not list(out.rglob("checkpoints"))


def test_mistakes_are_those_of_the_test_split(study, colours):
    record, out = study
    test = record["results"]["test"]
    wrong = record["mistakes"]["count"]
    assert wrong == round((1 - test["top1"]) * test["count"])
    for shown in record["mistakes"]["shown"]:
        label = colours.labels("test")[shown["index"]]
        assert shown["true"] == colours.class_names[label]
        assert shown["top"][0]["class"] != shown["true"]
    assert (out / "mistakes.png").stat().st_size > 0
    assert (out / "curves.png").stat().st_size > 0


def test_statistics_are_those_of_the_training_images(study, colours):
    record, _ = study
    split = colours.split("train")
    pixels = np.stack([split.read(index) for index in range(len(split))])
    found = record["statistics"]["data"]
    assert found["images"] == len(split)
    # The task's images are 16 px and seen at 18, of which 16 remain.
    np.testing.assert_allclose(
        found["mean"], pixels.mean((0, 1, 2)) / 255, atol=0.02
    )
    assert record["statistics"]["imagenet"] == IMAGENET


def test_what_is_finished_is_not_trained_again(
    study, colours, source, trained, monkeypatch
):
    record, out = study
    monkeypatch.setattr(cross_validation, "load_run", pytest.fail)
    again = cross_validate(colours, "ft", source, [1e-9, HOT, 0.05], out, TINY)
    assert again == record
    assert not trained


def test_after_a_kill_the_rates_that_are_finished_are_kept(
    colours, source, tmp_path, trained, monkeypatch
):
    rates, out = [0.01, 0.02], tmp_path / "out"
    untouched = verdict.train

    def stop(model, task, recipe, **options):
        if recipe.learning_rate == 0.02:
            raise KeyboardInterrupt
        return untouched(model, task, recipe, **options)

    monkeypatch.setattr(verdict, "train", stop)
    with pytest.raises(KeyboardInterrupt):
        cross_validate(colours, "fo", source, rates, out, TINY)
    assert trained == [0.01]
    monkeypatch.setattr(verdict, "train", untouched)
    # A kill may also come once the chosen model was moved.
    monkeypatch.setattr(cross_validation, "write_report", _die)
    with pytest.raises(KeyboardInterrupt):
        cross_validate(colours, "fo", source, rates, out, TINY)
    monkeypatch.undo()
    record = cross_validate(colours, "fo", source, rates, out, TINY)
    assert trained == [0.01, 0.02]
    assert record["status"] == "finished"
    assert load_run(out)[1]["method"] == "fo"


def _die(*_):
    raise KeyboardInterrupt


def test_every_rate_diverging_is_no_result(
    colours, source, tmp_path, pretended
):
    pretended |= {0.1: diverged(), 0.2: diverged()}
    out = tmp_path / "out"
    record = cross_validate(colours, "fo", source, [0.1, 0.2], out, TINY)
    assert record["status"] == "diverged"
    assert "Every learning rate diverged" in record["problem"]
    assert record["chosen"] is None
    assert record["results"] is None
    assert "Every learning rate" in (out / "crossvalidation.md").read_text()
    assert not (out / "model").exists()


def test_an_error_that_is_no_divergence_is_raised(
    colours, source, tmp_path, monkeypatch
):
    def fail(*_, **__):
        raise ValueError("This image is damaged.")

    monkeypatch.setattr(verdict, "train", fail)
    with pytest.raises(ValueError, match="damaged"):
        cross_validate(colours, "fo", source, [0.1], tmp_path / "out", TINY)


def test_normalising_by_the_data_gives_pixels_imagenets_statistics(
    colours, source, tmp_path
):
    options = dataclasses.replace(TINY, epochs=1, normalise="data")
    out = tmp_path / "out"
    record = cross_validate(colours, "scratch", source, [0.01], out, options)
    model, _ = load_run(out)
    (rescaling,) = [
        layer
        for layer in model._flatten_layers()
        if layer.name == "rescaling_to_statistics"
    ]
    found = record["statistics"]["data"]
    mean = np.array(rescaling(np.array([[found["mean"]]]) * 255))[0, 0]
    np.testing.assert_allclose(
        mean, np.array(IMAGENET["mean"]) * 255, rtol=1e-4
    )
    np.testing.assert_allclose(
        np.array(rescaling.scale) * found["std"], IMAGENET["std"], rtol=1e-6
    )


def test_a_channel_that_never_changes_is_shifted_only():
    images = np.full((10, 8, 8, 3), 51, "uint8")
    task = Task.from_arrays(images, [0, 1] * 5, test=0)
    scale, offset = rescaling_to_imagenet(measure_pixels(task, 8))
    assert scale == [1.0, 1.0, 1.0]
    np.testing.assert_allclose(
        51 + np.array(offset), np.array(IMAGENET["mean"]) * 255
    )


def test_other_settings_need_another_folder(study, colours, source):
    _, out = study
    with pytest.raises(ValueError, match="another run"):
        cross_validate(colours, "ft", source, [0.05], out, TINY)


@pytest.mark.parametrize(
    "rates", [[], [-0.1], [0.0], [float("nan")], [0.1, 0.1], [float("inf")]]
)
def test_bad_rates_are_refused(colours, source, tmp_path, rates):
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="Received: rate"):
        cross_validate(colours, "fo", source, rates, out, TINY)
    assert not out.exists()
