"""Optimizers: LARS, and parts that learn at rates of their own."""

import keras
import numpy as np
import pytest

from keras_snow.recipes import Recipe


def step(recipe, factors=(), values=((3.0, 4.0), (1.0, 1.0)), grads=None):
    """Returns two variables, a kernel and a bias, after one step."""
    kernel, bias = (keras.Variable(np.array(x, "float32")) for x in values)
    kernel._path, bias._path = "kernel", "bias"
    optimizer = recipe.build_optimizer()
    optimizer.factors = factors
    optimizer.build([kernel, bias])
    grads = grads or [np.array([0.6, 0.8]), np.array([1.0, 1.0])]
    optimizer.apply([keras.ops.convert_to_tensor(x) for x in grads])
    return np.array(kernel), np.array(bias)


PLAIN = Recipe(
    learning_rate=0.1, reference_batch=None, weight_decay=0.0, momentum=0.0
)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "lars"])
def test_a_part_moves_as_far_as_its_factor_says(optimizer):
    recipe = PLAIN.replace(optimizer=optimizer, weight_decay=0.01)
    whole, part = step(recipe), step(recipe, factors=[0.5, 1.0])
    np.testing.assert_allclose(
        part[0] - [3, 4], 0.5 * (whole[0] - [3, 4]), atol=1e-6
    )
    np.testing.assert_array_equal(part[1], whole[1])


def test_lars_moves_a_kernel_by_a_share_of_its_norm():
    kernel, bias = step(PLAIN.replace(optimizer="lars"))
    # 0.1 * 0.001 * |kernel| = 5e-4 along the gradient, whose norm is 1.
    np.testing.assert_allclose([3, 4] - kernel, [3e-4, 4e-4], rtol=1e-3)
    np.testing.assert_allclose(bias, 0.9)


def test_lars_leaves_a_kernel_of_zeros_to_plain_steps():
    kernel, _ = step(PLAIN.replace(optimizer="lars"), (), ((0, 0), (1, 1)))
    np.testing.assert_allclose(kernel, [-0.06, -0.08], rtol=1e-5)


def test_a_recipe_without_a_rate_of_the_body_reads_as_before():
    assert "body_rate" not in PLAIN.to_dict()
    slower = PLAIN.replace(body_rate=0.1)
    assert Recipe.from_dict(slower.to_dict()) == slower
    with pytest.raises(ValueError, match="body_rate=0"):
        PLAIN.replace(body_rate=0)
