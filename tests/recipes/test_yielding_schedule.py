"""The user's learning rate has the last word."""

import keras
import numpy as np
import pytest
from keras.callbacks import LearningRateScheduler
from keras.callbacks import ReduceLROnPlateau

from keras_snow.recipes import Recipe
from keras_snow.recipes.yielding_schedule import YieldingSchedule
from keras_snow.recipes.yielding_schedule import current_rate

pytestmark = pytest.mark.once

RECIPE = Recipe(
    learning_rate=0.1, reference_batch=None, schedule="cosine", warmup_epochs=0
)


class Rates(keras.callbacks.Callback):
    """Notes the learning rate of each step."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(current_rate(self.model))


class Setter(keras.callbacks.Callback):
    """Sets the learning rate once, at some moment of the second epoch."""

    def __init__(self, moment):
        super().__init__()
        setattr(self, f"on_{moment}", self.set_rate)

    def set_rate(self, number, logs=None):
        if number == 1:
            self.model.optimizer.learning_rate = 0.5


def rates_of(*others, epochs=4):
    """Returns the rates of two steps an epoch."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(RECIPE.build_optimizer(), "mse", run_eagerly=True)
    rates = Rates()
    schedule = YieldingSchedule(RECIPE, seed=None, others=others)
    x = np.zeros((4, 2))
    model.fit(
        *(x, x[:, :1]),
        batch_size=2,
        epochs=epochs,
        verbose=0,
        callbacks=[schedule, *others, rates],
    )
    return np.reshape(rates.seen, (epochs, 2))


def test_without_others_the_recipe_is_scheduled():
    expected = [RECIPE.learning_rate_at((x + 0.5) / 2, 4) for x in range(8)]
    found = rates_of(keras.callbacks.TerminateOnNaN())
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-5)


def test_a_scheduler_of_the_user_has_the_last_word():
    scheduler = LearningRateScheduler(lambda epoch, rate: rate / 2)
    with pytest.warns(UserWarning, match="set by LearningRateScheduler"):
        found = rates_of(scheduler)
    expected = [[0.1 / 2 ** (1 + epoch)] * 2 for epoch in range(4)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_plateau_lowers_the_peak():
    plateau = ReduceLROnPlateau("loss", 0.1, patience=1, min_delta=9.0)
    with pytest.warns(UserWarning, match="set by ReduceLROnPlateau"):
        found = rates_of(plateau)
    np.testing.assert_allclose(found[:, 0], [0.1, 0.1, 0.01, 0.001], rtol=1e-5)


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("epoch_begin", (1, 0)),
        ("epoch_end", (2, 0)),
        ("train_batch_begin", (0, 1)),
    ],
)
def test_whoever_sets_the_rate_has_the_last_word(moment, first):
    with pytest.warns(UserWarning, match="set by another callback") as told:
        found = rates_of(Setter(moment))
    ours = [x for x in told if "another callback" in str(x.message)]
    assert len(ours) == 1
    start = 2 * first[0] + first[1]
    np.testing.assert_allclose(found.ravel()[start:], 0.5, rtol=1e-5)
    assert (found.ravel()[:start] < 0.2).all()
