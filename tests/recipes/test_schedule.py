"""Schedule: what it sets while `fit` runs."""

import keras
import numpy as np
import pytest

from keras_snow.recipes import Recipe
from keras_snow.recipes import Schedule
from keras_snow.recipes.traversal import seed_generators_of


class Noisy(keras.layers.Layer):
    """A layer that has a noise scale and draws noise."""

    def build(self, input_shape):
        self.noise_scale = self.add_weight(
            shape=(), initializer="ones", trainable=False, name="noise_scale"
        )
        self.drawn = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="drawn"
        )
        self.generator = keras.random.SeedGenerator(1)

    def call(self, inputs, training=False):
        if training:
            noise = keras.random.normal((), seed=self.generator)
            self.drawn.assign(noise)
        return inputs * self.noise_scale


class Spy(keras.callbacks.Callback):
    """Writes down what the steps saw."""

    def __init__(self):
        super().__init__()
        self.rates, self.noise, self.scales = [], [], []

    def on_train_batch_end(self, batch, logs=None):
        if keras.backend.backend() == "jax":
            self.model.jax_state_sync()
        layer = self.model.layers[0]
        self.rates.append(float(self.model.optimizer.learning_rate))
        self.noise.append(float(layer.drawn))
        self.scales.append(float(layer.noise_scale))


RECIPE = Recipe(
    learning_rate=1e-3,
    reference_batch=None,
    epochs=3,
    warmup_epochs=0.0,
    schedule="cosine",
    sigma_schedule="anneal",
)


def run(initial_epoch=0, seed=0, jit_compile="auto"):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((3,)), Noisy(), keras.layers.Dense(2)]
    )
    model.compile(
        RECIPE.build_optimizer(), RECIPE.build_loss(), jit_compile=jit_compile
    )
    spy = Spy()
    model.fit(
        np.ones((8, 3), "float32"),
        np.zeros(8),
        batch_size=2,
        epochs=3,
        initial_epoch=initial_epoch,
        callbacks=[Schedule(RECIPE, seed=seed), spy],
        verbose=0,
    )
    return spy, model


def test_every_step_has_the_learning_rate_of_its_middle():
    spy, _ = run()
    expected = [RECIPE.learning_rate_at((i + 0.5) / 4) for i in range(12)]
    np.testing.assert_allclose(spy.rates, expected, rtol=1e-5)


def test_the_last_epoch_is_without_noise():
    spy, _ = run()
    np.testing.assert_allclose(spy.scales, [1.0] * 8 + [0.0] * 4)


def test_a_resumed_run_draws_the_same_noise():
    whole, resumed = run()[0], run(initial_epoch=1)[0]
    np.testing.assert_array_equal(whole.noise[4:], resumed.noise)
    assert len(set(whole.noise)) == 12
    assert whole.noise != run(seed=1)[0].noise


def test_seed_generators_are_found_once_and_in_order():
    _, model = run()
    assert len(seed_generators_of(model)) == 1


def test_setting_the_learning_rate_does_not_retrace():
    if keras.backend.backend() != "tensorflow":
        pytest.skip("counts the traces of tf.function")
    traces = []

    class Counting(keras.layers.Layer):
        def call(self, inputs):
            traces.append(1)
            return inputs

    model = keras.Sequential(
        [keras.Input((3,)), Counting(), keras.layers.Dense(2)]
    )
    built = len(traces)
    model.compile(RECIPE.build_optimizer(), RECIPE.build_loss())
    model.fit(
        np.ones((16, 3), "float32"),
        np.zeros(16),
        batch_size=2,
        epochs=2,
        callbacks=[Schedule(RECIPE)],
        verbose=0,
    )
    assert len(traces) - built <= 2
