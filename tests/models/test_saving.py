"""Saving: whole models, small deltas, and what refuses to be joined."""

import os

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow.deltas import ResNetDelta
from keras_snow.models import SNOWModel
from keras_snow.recipes import SMALL
from keras_snow.sources import Source
from tests.toys import SETTINGS
from tests.toys import images
from tests.toys import residual_network
from tests.toys import striped_task


def model_of(source=None, **options):
    return SNOWModel.from_source(
        residual_network() if source is None else source,
        3,
        **{**SETTINGS, **options},
    )


def logits_of(model):
    return ops.convert_to_numpy(model(images()))


SLOW_SLOTS = pytest.param("slots", marks=pytest.mark.slow)


def selection_of(model):
    return [p.selected_channels().tolist() for p in model.delta.poolings]


@pytest.fixture(scope="module", params=["rows", SLOW_SLOTS])
def trained(request):
    """Returns a trained model of each binding that remembers."""
    model = model_of(binding=request.param, head="levels", sigma=0.3)
    x, y = striped_task(32)
    model.fit(x, y, batch_size=16, epochs=2, verbose=0)
    return model


def test_a_saved_model_gives_the_same_logits_and_selection(trained, tmp_path):
    trained.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(again, SNOWModel)
    np.testing.assert_array_equal(logits_of(again), logits_of(trained))
    assert selection_of(again) == selection_of(trained)
    assert again.source.fingerprint == trained.source.fingerprint


def test_a_loaded_model_trains_on_and_leaves_its_source_alone(
    trained, tmp_path
):
    trained.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert {v.path for v in again.trainable_variables} == {
        v.path for v in again.delta.trainable_variables
    }
    mean = np.array(again.delta.standardised[0].mean.value)
    x, y = striped_task(32, seed=2)
    again.fit(x, y, batch_size=16, verbose=0)
    assert again.source.fingerprint == trained.source.fingerprint
    np.testing.assert_array_equal(
        mean, np.array(again.delta.standardised[0].mean.value)
    )


@pytest.mark.filterwarnings("error:Skipping variable")
def test_a_model_saved_before_fit_chooses_its_recipe_after_loading(tmp_path):
    model_of().save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x, y = striped_task(32)
    again.fit(x, y, batch_size=16, epochs=2, verbose=0)
    assert again.recipe.name == SMALL.name
    expected = SMALL.replace(batch_size=16, epochs=2).learning_rate_at(2.0)
    rate = float(ops.convert_to_numpy(again.optimizer.learning_rate))
    assert rate == pytest.approx(expected, abs=1e-3)


def test_a_trained_model_keeps_its_recipe_when_it_is_loaded(trained, tmp_path):
    trained.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.recipe == trained.recipe
    again.compile(optimizer="sgd", loss="mse")
    assert again.recipe is None
    again.save(tmp_path / "own.keras")
    assert keras.saving.load_model(tmp_path / "own.keras").recipe is None


def test_a_clone_is_compiled_as_its_model(trained):
    clone = keras.models.clone_model(trained)
    clone.set_weights(trained.get_weights())
    x, y = striped_task(16)
    assert clone.evaluate(x, y, verbose=0) == pytest.approx(
        trained.evaluate(x, y, verbose=0)
    )
    assert clone.optimizer.get_config() == trained.optimizer.get_config()


def test_a_model_of_parts_signs_its_delta_for_its_source(tmp_path):
    source = Source(residual_network())
    model = SNOWModel(source, ResNetDelta(source.taps, 3))
    model.save_delta(tmp_path / "delta.keras")
    again = SNOWModel.from_delta(source, tmp_path / "delta.keras")
    np.testing.assert_array_equal(logits_of(again), logits_of(model))
    with pytest.raises(ValueError, match="another source"):
        SNOWModel.from_delta(residual_network(seed=5), tmp_path / "delta.keras")


def test_a_saved_delta_joins_its_source_again(trained, tmp_path):
    path = tmp_path / "task.keras"
    trained.save_delta(path)
    expected = logits_of(trained)
    for again in (
        trained.with_delta(path),
        SNOWModel.from_delta(residual_network(), path),
        SNOWModel.from_delta(Source(residual_network()), path),
    ):
        assert (
            np.abs(logits_of(again) - expected).max()
            < 1e-4 * np.abs(expected).max()
        )
        assert selection_of(again) == selection_of(trained)


def test_a_saved_delta_is_smaller_than_the_model(trained, tmp_path):
    trained.save(tmp_path / "model.keras")
    trained.save_delta(tmp_path / "task.keras")
    delta = keras.saving.load_model(tmp_path / "task.keras")
    assert isinstance(delta, ResNetDelta)
    assert delta.count_params() <= trained.delta.count_params()
    assert (tmp_path / "task.keras").stat().st_size < (
        tmp_path / "model.keras"
    ).stat().st_size


def test_a_delta_of_a_loaded_model_joins_its_source(trained, tmp_path):
    trained.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    again.save_delta(tmp_path / "task.keras")
    joined = SNOWModel.from_delta(residual_network(), tmp_path / "task.keras")
    assert selection_of(joined) == selection_of(trained)


@pytest.mark.parametrize("binding", ["rows", "slots", "rank"])
@pytest.mark.parametrize("head", ["delta", "last", "levels"])
def test_every_kind_of_delta_is_saved(binding, head, tmp_path):
    model = model_of(binding=binding, head=head)
    for pooling in model.delta.poolings:
        size = pooling.importance.shape
        pooling.importance.assign(np.random.default_rng(0).normal(1, 1, size))
    for layer in model.delta.standardised:
        layer.kernel.assign(np.ones(layer.kernel.shape))
    expected = logits_of(model)
    model.save_delta(tmp_path / "task.keras")
    again = model.with_delta(tmp_path / "task.keras")
    np.testing.assert_allclose(
        logits_of(again),
        expected,
        rtol=1e-4,
        atol=1e-4 * np.abs(expected).max(),
    )


def test_a_delta_refuses_another_source(trained, tmp_path):
    trained.save_delta(tmp_path / "task.keras")
    with pytest.raises(ValueError, match="trained on another source"):
        SNOWModel.from_delta(residual_network(seed=1), tmp_path / "task.keras")


def test_a_source_without_its_taps_says_so(trained, tmp_path):
    trained.save_delta(tmp_path / "task.keras")
    image = keras.Input((None, None, 3))
    other = keras.Model(image, layers.Conv2D(8, 3, name="conv")(image))
    with pytest.raises(ValueError, match="no such layer.*tap='stem_relu'"):
        SNOWModel.from_delta(other, tmp_path / "task.keras")


def test_a_source_that_was_cut_before_a_tap_says_so(trained, tmp_path):
    trained.save_delta(tmp_path / "task.keras")
    short = model_of(taps=["stem_relu", "block1_out"])
    with pytest.raises(ValueError, match="cut before a tap.*missing"):
        short.with_delta(tmp_path / "task.keras")


def test_a_joined_delta_chooses_its_recipe_when_it_is_fitted(trained, tmp_path):
    trained.save_delta(tmp_path / "task.keras")
    model = trained.with_delta(tmp_path / "task.keras")
    model.fit(images(8), np.zeros(8, "int32"), 4, 2, verbose=0)
    assert model.recipe.name == SMALL.name


def test_a_missing_delta_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.keras"):
        model_of().with_delta(tmp_path / "nowhere.keras")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", None])
def test_a_damaged_delta_is_refused(trained, tmp_path, content):
    path = tmp_path / "task.keras"
    trained.save_delta(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(ValueError, match="damaged.*task.keras"):
        trained.with_delta(path)


def test_a_file_that_holds_no_delta_is_refused(tmp_path):
    residual_network().save(tmp_path / "network.keras")
    with pytest.raises(ValueError, match="holds no delta"):
        model_of().with_delta(tmp_path / "network.keras")


def test_a_delta_that_carries_code_is_refused(tmp_path):
    image = keras.Input((None, None, 3))
    outputs = layers.Lambda(lambda pixels: pixels * 2)(image)
    keras.Model(image, outputs).save(tmp_path / "code.keras")
    with pytest.raises(ValueError, match="could not be loaded as a delta"):
        model_of().with_delta(tmp_path / "code.keras")


def test_a_failed_save_keeps_the_old_delta(trained, tmp_path, monkeypatch):
    path = tmp_path / "task.keras"
    trained.save_delta(path)
    before = path.read_bytes()

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ResNetDelta, "save", fail)
    with pytest.raises(OSError, match="No space left to write"):
        trained.save_delta(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["task.keras"]
