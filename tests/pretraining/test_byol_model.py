"""Byol's target: an average of the online network, never trained itself."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow.pretraining.byol_loss import ByolLoss
from keras_snow.pretraining.byol_loss import Spread
from keras_snow.pretraining.byol_model import ByolModel


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    image = keras.Input((None, None, 3))
    x = layers.Conv2D(4, 3, name="conv")(image)
    body = keras.Model(image, layers.BatchNormalization(name="bn")(x))
    return ByolModel(body, steps=10, momentum=0.8, sizes=(6, 3))


def views(count=4, seed=0):
    draw = np.random.default_rng(seed)
    return draw.uniform(0, 1, (count, 2, 6, 6, 3)).astype("float32")


def target_and_online(model, layer, index=0):
    return [
        ops.convert_to_numpy(body.get_layer(layer).weights[index])
        for body in (model.target_body, model.body)
    ]


def test_the_target_follows_as_an_average_whose_first_step_changes_nothing(
    model,
):
    before, online = target_and_online(model, "conv")
    np.testing.assert_array_equal(before, online)
    model(views(), training=True)
    np.testing.assert_array_equal(target_and_online(model, "conv")[0], before)
    kernel = model.body.get_layer("conv").kernel
    kernel.assign(kernel + 1.0)
    kept = 1 - 0.2 * (np.cos(np.pi * 1 / 10) + 1) / 2
    model(views(), training=True)
    np.testing.assert_allclose(
        target_and_online(model, "conv")[0], before + 1 - kept, atol=1e-6
    )


def test_the_average_is_slowed_down_until_it_stands(model):
    rates = [float(model.momentum_at(step)) for step in (0.0, 5.0, 10.0, 99.0)]
    np.testing.assert_allclose(rates, [0.8, 0.9, 1.0, 1.0], atol=1e-6)
    model(views(), training=True)
    model.restart()
    assert float(model.step) == 0.0


def test_without_training_nothing_follows(model):
    model(views(), training=False)
    assert float(model.step) == 0.0


def test_moving_statistics_of_the_target_are_its_own(model):
    moving = model.body.get_layer("bn").moving_mean
    moving.assign(moving + 100.0)
    model(views(), training=True)
    target, online = target_and_online(model, "bn", 2)
    assert (online > 50).all()
    assert (target < 50).all()


def test_the_target_normalises_by_the_batch(model):
    before = ops.convert_to_numpy(model(views(), training=True))
    moving = model.target_body.get_layer("bn").moving_mean
    moving.assign(moving + 100.0)
    after = ops.convert_to_numpy(model(views(), training=True))
    np.testing.assert_allclose(after[:, 2:], before[:, 2:], atol=1e-4)


def test_the_target_is_not_trained_but_kept(model):
    frozen = {id(each) for each in model.target_body.weights}
    assert not frozen & {id(each) for each in model.trainable_variables}
    assert frozen <= {id(each) for each in model.non_trainable_variables}
    # Two kernels and a shift of the convolution, two of normalisation; three
    # layers and two normalisations of the perceptrons with their biases.
    assert len(model.trainable_variables) == 4 + 2 * (2 + 2 + 1)


def test_without_a_predictor_the_projection_itself_is_compared(model):
    plain = ByolModel(
        model.body, steps=10, momentum=0.8, sizes=(6, 3), predictor=False
    )
    found = ops.convert_to_numpy(plain(views(), training=True))
    np.testing.assert_allclose(found[:, :2], found[:, 2:], atol=1e-5)


def test_fit_makes_the_loss_smaller(model):
    adam = keras.optimizers.Adam(0.01)
    model.compile(adam, ByolLoss(), metrics=[Spread()])
    inputs, nothing = views(16), np.zeros(16)
    history = model.fit(
        inputs, nothing, batch_size=8, epochs=6, verbose=0
    ).history
    assert history["loss"][-1] < history["loss"][0]
    assert float(model.step) == 12.0
    assert 0.0 < history["spread"][-1] < 1.5


def test_the_loss_is_the_squared_distance_of_unit_vectors():
    given = np.random.default_rng(0).normal(size=(5, 4, 3)).astype("float32")
    unit = given / np.linalg.norm(given, axis=-1, keepdims=True)
    expected = np.square(unit[:, 0] - unit[:, 3]).sum(-1)
    expected += np.square(unit[:, 1] - unit[:, 2]).sum(-1)
    found = ops.convert_to_numpy(ByolLoss().call(None, given))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_spread_is_one_on_the_sphere_and_zero_at_a_point():
    draw = np.random.default_rng(0)
    spread = Spread()
    spread.update_state(None, draw.normal(size=(4000, 4, 32)))
    assert abs(float(spread.result()) - 1.0) < 0.01
    spread.reset_state()
    spread.update_state(None, np.ones((8, 4, 32)) + [[[1e-6]]])
    assert abs(float(spread.result())) < 1e-3
