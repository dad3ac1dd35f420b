"""Recipes: schedules as pure functions, plain data, checks."""

import pytest

from keras_snow.recipes import PAPER
from keras_snow.recipes import SMALL
from keras_snow.recipes import Recipe
from keras_snow.recipes import recipe_for
from keras_snow.recipes import recipes


def test_the_paper_cuts_the_learning_rate_every_30_epochs():
    assert PAPER.learning_rate_at(29.9) == 1.0
    assert PAPER.learning_rate_at(30.0) == pytest.approx(0.1)
    assert PAPER.learning_rate_at(59.0) == pytest.approx(0.1)


def test_the_learning_rate_scales_with_the_batch_and_warms_up():
    recipe = PAPER.replace(batch_size=64)
    assert recipe.peak_learning_rate == 0.25
    assert recipe.learning_rate_at(2.5) == pytest.approx(0.125)
    assert recipe.learning_rate_at(5.0) == 0.25


def test_the_cosine_ends_at_zero():
    recipe = Recipe(schedule="cosine", warmup_epochs=0.0, epochs=10)
    assert recipe.learning_rate_at(5.0) == pytest.approx(0.5)
    assert recipe.learning_rate_at(10.0) == pytest.approx(0.0)


def test_a_shorter_run_has_the_same_shape():
    assert PAPER.learning_rate_at(3.0, epochs=6) == pytest.approx(0.1)
    assert PAPER.learning_rate_at(1.5, epochs=6) == 1.0


def test_noise_is_annealed_over_the_last_third():
    recipe = Recipe(sigma_schedule="anneal", epochs=30)
    assert recipe.sigma_scale_at(20.0) == 1.0
    assert recipe.sigma_scale_at(25.0) == pytest.approx(0.5)
    assert recipe.sigma_scale_at(30.0) == 0.0
    assert PAPER.sigma_scale_at(60.0) == 1.0
    assert recipe.sigma_scale_at(1.0, epochs=1) == 1.0


@pytest.mark.parametrize("recipe", [PAPER, SMALL], ids=lambda r: r.name)
def test_a_recipe_survives_json(recipe):
    assert Recipe.from_dict(recipe.to_dict()) == recipe
    assert recipes.get(recipe.name) == recipe
    recipe.build_optimizer()
    assert recipe.build_loss().label_smoothing == recipe.label_smoothing


def test_small_sets_get_the_small_recipe():
    assert recipe_for(480) is recipe_for(863) is SMALL
    assert recipe_for(75_750) is PAPER


@pytest.mark.parametrize(
    "change",
    [
        {"optimizer": "sdg"},
        {"learning_rate": float("nan")},
        {"learning_rate": 0.0},
        {"learning_rate": -1.0},
        {"momentum": 1.0},
        {"epochs": 0},
        {"label_smoothing": 1.0},
        {"clip_norm": 0.0},
        {"decay_every": 0},
        {"epochz": 3},
    ],
    ids=str,
)
def test_bad_fields_are_refused(change):
    with pytest.raises(ValueError, match="Received"):
        PAPER.replace(**change)


@pytest.mark.parametrize("count", [1, 32, 100, 150, 479])
def test_few_images_are_seen_more_often(count):
    recipe = recipe_for(count)
    steps = max(1, count // recipe.batch_size)
    assert 300 <= steps * recipe.epochs < 300 + steps
    assert recipe == SMALL.replace(epochs=recipe.epochs)
