"""train: records, refusals and what a bad end leaves."""

import errno
import json
import os
import shutil

import keras
import numpy as np
import pytest
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_head
from tiny_runs import tiny_snow
from tiny_runs import tiny_source
from tiny_runs import tiny_task

from keras_snow.baselines import build_method
from keras_snow.callbacks import model_state
from keras_snow.callbacks import validation
from keras_snow.callbacks.scoring import predict_logits
from keras_snow.core.lock import exclusive
from keras_snow.data.task import Task
from keras_snow.evaluation import evaluate
from keras_snow.models import SNOWModel
from keras_snow.training import load_run
from keras_snow.training import session
from keras_snow.training import train

SHORT = RECIPE.replace(epochs=1)


def run(model=tiny_head, task=None, recipe=SHORT, config=QUIET, **options):
    return train(
        model,
        task or tiny_task(),
        recipe,
        image_size=SIZE,
        config=config,
        **options,
    )


def test_a_delta_comes_back_from_its_folder(tmp_path):
    path = tmp_path / "source.keras"
    tiny_source().save(path)
    config = QUIET.replace(source=str(path), tensorboard=True)
    task = tiny_task()
    record = run(
        lambda: SNOWModel.from_source(path, 3, k=0.25),
        task,
        config=config,
        out=tmp_path / "run",
    )
    assert (tmp_path / "run/model/delta.keras").exists()
    assert any((tmp_path / "run/logs").iterdir())
    model, settings = load_run(tmp_path / "run")
    assert settings["class_names"] == list(task.class_names)
    found = evaluate(model, task, "test", settings["image_size"])
    assert found["count"] == 12
    expected = record["results"]["test"]
    assert found["loss"] == pytest.approx(expected["loss"], rel=1e-4)
    assert json.loads((tmp_path / "run/record.json").read_text()) == record
    assert record["parameters"]["trained"] < record["parameters"]["total"]
    assert record["settings"]["xla"] == record["device"]["xla"]


def test_a_run_that_cannot_write_logs_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(session, "can_write_summaries", lambda: False)
    config = QUIET.replace(tensorboard=True)
    run(config=config.replace(verbose=True), out=tmp_path / "told")
    assert capsys.readouterr().err.count("No logs for TensorBoard") == 1
    assert not (tmp_path / "told/logs").exists()
    run(config=config, out=tmp_path / "quiet")
    assert "TensorBoard" not in capsys.readouterr().err


def test_a_source_from_a_file_is_found_again_untold(tmp_path):
    path = tmp_path / "source.keras"
    tiny_source().save(path)
    model = SNOWModel.from_source(path, 3, k=0.25)
    run(model, out=tmp_path / "run")
    _, settings = load_run(tmp_path / "run")
    assert settings["source"] == str(path)
    assert (tmp_path / "run/model/delta.keras").exists()


def test_a_source_that_was_changed_after_loading_is_saved_whole(tmp_path):
    path = tmp_path / "source.keras"
    tiny_source().save(path)
    model = SNOWModel.from_source(path, 3, k=0.25)
    model.source.network.weights[0].assign_add(
        np.ones(model.source.network.weights[0].shape)
    )
    run(model, out=tmp_path / "run")
    loaded, settings = load_run(tmp_path / "run")
    assert settings["source"] is None
    images = np.random.default_rng(1).uniform(0, 255, (2, SIZE, SIZE, 3))
    np.testing.assert_array_equal(
        loaded.predict(images, verbose=0), model.predict(images, verbose=0)
    )


@pytest.mark.parametrize("kind", ["delta", "whole"])
def test_a_run_is_loaded_with_its_precision(tmp_path, kind):
    path = tmp_path / "source.keras"
    tiny_source().save(path)
    made = []

    def build():
        given = path if kind == "delta" else tiny_source()
        made.append(SNOWModel.from_source(given, 3, k=0.25))
        return made[-1]

    config = QUIET.replace(precision="mixed_bfloat16")
    run(build, config=config, out=tmp_path / "run")
    loaded, settings = load_run(tmp_path / "run")
    assert settings["precision"] == "mixed_bfloat16"
    assert (settings["source"] is None) == (kind == "whole")
    images = np.random.default_rng(1).uniform(0, 255, (4, SIZE, SIZE, 3))
    np.testing.assert_array_equal(
        loaded.predict(images, verbose=0), made[-1].predict(images, verbose=0)
    )


def test_a_run_keeps_the_range_of_deep_images(tmp_path):
    images = np.tile(np.array([0, 4095], "uint16"), (40, SIZE, SIZE // 2))
    np.savez(tmp_path / "deep.npz", images=images, labels=[0, 1] * 20)
    task = Task.from_npz(tmp_path / "deep.npz", value_range=(0, 4095))
    record = run(lambda: tiny_head(2), task, out=tmp_path / "run")
    assert record["settings"]["task"]["value_range"] == [0, 4095]
    _, settings = load_run(tmp_path / "run")
    assert settings["value_range"] == [0, 4095]


def test_a_model_without_a_file_is_saved_whole(tmp_path):
    run(tiny_snow, out=tmp_path / "run")
    assert not (tmp_path / "run/model/delta.keras").exists()
    assert (tmp_path / "run/model/model.keras").exists()


@pytest.mark.parametrize("cache_taps", [0, 1])
def test_a_finished_run_gives_its_weights_to_the_model(tmp_path, cache_taps):
    task, config = tiny_task(), QUIET.replace(cache_taps=cache_taps)
    trained, fresh = tiny_snow(), tiny_snow()
    for variable in fresh.trainable_variables:
        variable.assign(variable * 0.5)
    recipe = RECIPE.replace(augmentation="none")
    first = run(trained, task, recipe, config, out=tmp_path)
    assert run(fresh, task, recipe, config, out=tmp_path) == first
    images = np.random.default_rng(1).uniform(0, 255, (4, SIZE, SIZE, 3))
    np.testing.assert_array_equal(
        fresh.predict(images, verbose=0), trained.predict(images, verbose=0)
    )


def test_a_method_has_its_own_learning_rate():
    model = build_method("lf", tiny_source(), 3)
    short = {"epochs": 1, "batch_size": 8, "warmup_epochs": 0.0}
    record = train(
        model, tiny_task(), image_size=SIZE, config=QUIET, recipe=None
    )
    assert record["method"] == "lf"
    assert record["settings"]["recipe"]["learning_rate"] == 0.001
    own = run(model, recipe=RECIPE.replace(**short))
    assert own["settings"]["recipe"]["learning_rate"] == 0.05


def test_a_model_of_ones_own_is_no_method_of_ours():
    assert run()["method"] == "Functional"


def test_a_finished_run_is_not_trained_again(tmp_path):
    model = tiny_head()
    first = run(model, out=tmp_path)
    before = model_state.read_weights(model)
    assert run(model, out=tmp_path) == first
    for name, values in model_state.read_weights(model).items():
        np.testing.assert_array_equal(values, before[name])
    with pytest.raises(ValueError, match=r"recipe\.epochs \(1 there, 2 now\)"):
        run(model, recipe=SHORT.replace(epochs=2), out=tmp_path)
    with pytest.raises(ValueError, match="seed"):
        run(model, out=tmp_path, seed=1)


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"thesis\.txt"):
        run(out=tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="is a file"):
        run(out=tmp_path / "file")


def test_a_folder_in_use_is_refused(tmp_path):
    with (
        exclusive(tmp_path / ".lock", "held"),
        pytest.raises(ValueError, match="Another process"),
    ):
        run(out=tmp_path)


def test_a_diverging_run_stops_and_keeps_finite_weights(tmp_path):
    recipe = RECIPE.replace(learning_rate=1e30, warmup_epochs=0.0)
    with pytest.raises(ValueError, match="The run diverged"):
        run(recipe=recipe, out=tmp_path)
    for file in (tmp_path / "checkpoints").glob("*.npz"):
        assert model_state.all_finite(model_state.load_state(file)[0])
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["status"] == "diverged"
    assert not (tmp_path / "model").exists()


def test_a_validation_loss_that_is_not_finite_is_a_divergence(
    tmp_path, monkeypatch
):
    logits = []

    def predict(model, data):
        found = predict_logits(model, data)
        logits.append(found if not logits else found + np.inf)
        return logits[-1]

    monkeypatch.setattr(validation, "predict_logits", predict)
    with pytest.raises(ValueError, match="validation loss.*in epoch 2"):
        run(recipe=RECIPE, out=tmp_path)
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["status"] == "diverged"
    assert record["best_epoch"] == 1
    assert not (tmp_path / "model").exists()


def test_weights_that_are_not_finite_are_not_saved(tmp_path, monkeypatch):
    from keras_snow.callbacks import divergence_guard

    monkeypatch.setattr(
        divergence_guard, "weights_are_finite", lambda model: True
    )
    recipe = RECIPE.replace(learning_rate=1e30, warmup_epochs=0.0)
    with pytest.raises(ValueError, match="The run diverged"):
        run(recipe=recipe, out=tmp_path)
    for file in (tmp_path / "checkpoints").glob("*.npz"):
        assert model_state.all_finite(model_state.load_state(file)[0])


def test_no_space_left_keeps_the_last_checkpoint(tmp_path, monkeypatch):
    original = model_state.np.savez
    calls = []

    def full(file, **arrays):
        calls.append(1)
        if len(calls) == 4:
            file.write(b"half a file")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return original(file, **arrays)

    monkeypatch.setattr(model_state.np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        run(recipe=RECIPE, out=tmp_path)
    state = model_state.load_state(tmp_path / "checkpoints/last.npz")[1]
    assert state["epochs_done"] >= 1
    assert not list((tmp_path / "checkpoints").glob(".*"))
    monkeypatch.setattr(model_state.np, "savez", original)
    assert run(recipe=RECIPE, out=tmp_path)["status"] == "finished"


def test_a_full_disk_is_refused_before_the_first_step(tmp_path, monkeypatch):
    from keras_snow.training import run_folder

    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr(run_folder.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="not enough space"):
        run(out=tmp_path)


def test_a_damaged_checkpoint_is_named(tmp_path):
    run(out=tmp_path)
    (tmp_path / "record.json").unlink()
    (tmp_path / "checkpoints/last.npz").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(ValueError, match=r"damaged.*last\.npz"):
        run(out=tmp_path)


def test_without_validation_the_last_epoch_is_the_result():
    images = np.zeros((24, SIZE, SIZE, 3), "uint8")
    task = Task.from_arrays(images, np.arange(24) % 2, validation=0, test=0)
    record = run(lambda: tiny_head(2), task, RECIPE.replace(epochs=2))
    assert record["best_epoch"] == 2
    assert record["results"] == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"recipe": SHORT.replace(batch_size=500)}, "batch_size=500"),
        ({"model": lambda: tiny_head(5)}, "5 outputs for 3 classes"),
        ({"seed": -1}, "seed=-1"),
        ({"seed": 0.5}, "seed=0.5"),
    ],
    ids=["large batch", "other classes", "seed below 0", "seed not whole"],
)
def test_bad_input_is_refused_before_the_first_step(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        run(**options)


def test_a_model_with_nothing_to_train_is_refused():
    model = tiny_head()
    model.trainable = False
    with pytest.raises(ValueError, match="nothing to train"):
        run(model)


def test_an_unfinished_folder_cannot_be_loaded(tmp_path):
    with pytest.raises(FileNotFoundError, match="no run in this folder"):
        load_run(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(FileNotFoundError, match="not finished"):
        load_run(tmp_path)


def test_the_source_never_changes():
    model = tiny_snow()
    before = model_state.digest(model_state.frozen_variables(model))
    run(model)
    assert model_state.digest(model_state.frozen_variables(model)) == before
    assert len(model_state.frozen_variables(model)) == 4
    assert isinstance(model, keras.Model)


def test_random_weights_of_a_known_network_are_kept_with_the_run(tmp_path):
    config = QUIET.replace(source="mobilenetv2", weights=None)
    model = SNOWModel.from_source("mobilenetv2", 3, weights=None)
    task = tiny_task(size=32)
    record = train(
        model, task, SHORT, out=tmp_path, image_size=32, config=config
    )
    again, settings = load_run(tmp_path)
    assert settings["kind"] == "model"
    found = evaluate(again, task, "test", 32)
    assert found["loss"] == pytest.approx(
        record["results"]["test"]["loss"], rel=1e-4
    )


def test_a_finished_run_without_checkpoints_says_what_it_can_t_give(tmp_path):
    first = run(out=tmp_path)
    shutil.rmtree(tmp_path / "checkpoints")
    with pytest.warns(UserWarning, match="`load_run` gives the trained"):
        assert run(out=tmp_path) == first


def test_a_name_is_no_task():
    with pytest.raises(TypeError, match="`load_task` makes one"):
        run(task="data/birds")
