"""sigma="auto" is found from importances, once, and always the same."""

import keras
import numpy as np
import pytest

from keras_snow.layers import ChannelPooling
from keras_snow.recipes.auto_sigma import LEAST
from keras_snow.recipes.auto_sigma import SHARE
from keras_snow.recipes.auto_sigma import AutoSigma
from keras_snow.recipes.auto_sigma import balanced_sigma
from keras_snow.recipes.auto_sigma import explored_share
from keras_snow.recipes.auto_sigma import first_epochs
from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.schedule import Schedule


def importances(seed=0):
    return np.random.default_rng(seed).normal(1.0, 0.2, 256).astype("float32")


def pooling_model(sigma="auto"):
    maps = keras.Input((256,))
    return keras.Model(
        maps, ChannelPooling(k=32, sigma=sigma, name="choice")(maps)
    )


def test_the_share_is_that_of_fresh_noise():
    importance, draw = importances(), np.random.default_rng(7)
    sigma = balanced_sigma(importance, 32)
    kept = {*np.argsort(-importance)[:32]}
    lost = [
        len(
            kept
            - {*np.argsort(-importance - sigma * draw.normal(size=256))[:32]}
        )
        for _ in range(500)
    ]
    assert np.mean(lost) / 32 == pytest.approx(SHARE, abs=0.015)


def test_importances_that_are_all_the_same_ask_for_the_least_noise():
    assert balanced_sigma(np.ones(64), 8) == pytest.approx(LEAST, rel=0.01)


def test_keeping_all_maps_leaves_nothing_to_explore():
    assert explored_share(importances(), 256, sigma=1.0) == 0.0


def test_noise_is_the_papers_until_the_first_epochs_are_over():
    model = pooling_model()
    choice = model.get_layer("choice")
    auto = AutoSigma(epochs=12)
    auto.set_model(model)
    choice.importance.assign(importances())
    auto.on_epoch_begin(1)
    assert auto.found == {}
    assert float(choice.noise_scale) == 1.0
    auto.on_epoch_begin(2)
    found = auto.found["choice"]
    assert found == balanced_sigma(importances(), 32)
    noise = choice.deviation_of_noise * float(choice.noise_scale)
    assert noise == pytest.approx(found, rel=1e-6)


def test_the_schedule_still_anneals_what_was_found():
    model = pooling_model()
    choice = model.get_layer("choice")
    recipe = Recipe(epochs=12, sigma_schedule="anneal")
    schedule = Schedule(recipe, 12)
    auto = AutoSigma({"choice": 0.2}, epochs=12)
    noise = []
    for callback in (schedule, auto):
        callback.set_model(model)
        callback.set_params({"epochs": 12, "steps": 1})
    model.compile("sgd")
    schedule.on_train_begin()
    for epoch in range(2, 12):
        schedule.on_epoch_begin(epoch)
        auto.on_epoch_begin(epoch)
        noise.append(choice.deviation_of_noise * float(choice.noise_scale))
    expected = [0.2 * recipe.sigma_scale_at(each + 1) for each in range(2, 12)]
    np.testing.assert_allclose(noise, expected, rtol=1e-6)
    assert noise[-1] == 0.0


def test_fixed_noise_is_left_alone():
    model = pooling_model(sigma=0.1)
    auto = AutoSigma(epochs=1)
    auto.set_model(model)
    auto.on_epoch_begin(5)
    assert auto.found == {}
    assert float(model.get_layer("choice").noise_scale) == 1.0


@pytest.mark.parametrize(("epochs", "first"), [(1, 1), (10, 2), (60, 10)])
def test_a_sixth_of_a_run_goes_by_before(epochs, first):
    assert first_epochs(epochs) == first


def test_another_word_is_refused():
    with pytest.raises(ValueError, match="auto.*sigma='atuo'"):
        ChannelPooling(sigma="atuo")
