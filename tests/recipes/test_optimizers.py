"""The recipe's optimizers and loss against NumPy and Keras' own."""

import keras
import numpy as np
import pytest
from keras.ops import convert_to_numpy as to_numpy

from keras_snow.recipes.coupled_sgd import CoupledSGD
from keras_snow.recipes.selective_adam import SelectiveAdam
from keras_snow.recipes.smoothed_cross_entropy import SmoothedCrossEntropy


def variable(name: str) -> keras.Variable:
    return keras.Variable(np.array([2.0, -4.0], "float32"), name=name)


def test_coupled_decay_is_part_of_the_gradient():
    weight = variable("kernel")
    optimizer = CoupledSGD(0.5, momentum=0.9, coupled_decay=0.1)
    expected, momentum = np.array([2.0, -4.0]), np.zeros(2)
    for _ in range(3):
        gradient = np.array([1.0, 1.0], "float32")
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weight])
        momentum = 0.9 * momentum - 0.5 * (gradient + 0.1 * expected)
        expected = expected + momentum
    np.testing.assert_allclose(to_numpy(weight), expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["importance", "gamma", "beta", "bias"])
@pytest.mark.parametrize(
    "optimizer",
    [
        CoupledSGD(0.5, coupled_decay=0.1),
        SelectiveAdam(0.5, decoupled_decay=0.1),
    ],
    ids=["sgd", "adamw"],
)
def test_decay_spares_biases_scales_and_importances(optimizer, name):
    optimizer = type(optimizer).from_config(optimizer.get_config())
    spared, decayed = variable(name), variable("kernel")
    gradient = keras.ops.zeros(2)
    optimizer.apply([gradient, gradient], [spared, decayed])
    np.testing.assert_array_equal(to_numpy(spared), [2.0, -4.0])
    np.testing.assert_allclose(to_numpy(decayed), [1.9, -3.8], rtol=1e-6)


def test_decoupled_decay_equals_adamw():
    ours, theirs = variable("kernel"), variable("kernel")
    gradient = keras.ops.convert_to_tensor(np.array([1.0, -3.0], "float32"))
    mine = SelectiveAdam(0.1, decoupled_decay=0.3)
    reference = keras.optimizers.AdamW(0.1, weight_decay=0.3)
    for _ in range(3):
        mine.apply([gradient], [ours])
        reference.apply([gradient], [theirs])
    np.testing.assert_allclose(to_numpy(ours), to_numpy(theirs), rtol=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_smoothed_loss_equals_the_one_hot_loss(smoothing):
    logits = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")
    labels = np.array([0, 1, 2, 3, 4, 0])
    reference = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing
    )
    expected = reference(keras.ops.one_hot(labels, 5), logits)
    got = SmoothedCrossEntropy(smoothing)(labels, logits)
    np.testing.assert_allclose(float(got), float(expected), rtol=1e-5)
    column = SmoothedCrossEntropy(smoothing)(labels[:, None], logits)
    np.testing.assert_allclose(float(column), float(expected), rtol=1e-5)


def test_a_compiled_model_loads_without_custom_objects(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(CoupledSGD(0.1, 0.9, 1e-4), SmoothedCrossEntropy(0.1))
    model.fit(np.ones((4, 3)), np.zeros(4), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.optimizer.coupled_decay == 1e-4
    assert loaded.loss.label_smoothing == 0.1
    for ours, theirs in zip(
        model.optimizer.variables, loaded.optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(to_numpy(ours), to_numpy(theirs))


def test_a_smoothing_of_one_is_refused():
    with pytest.raises(ValueError, match="label_smoothing=1"):
        SmoothedCrossEntropy(1.0)
