"""XLA's plan of a training step."""

import keras
import pytest
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_head

from keras_snow.training.step_plan import plan_step

ON_JAX = keras.backend.backend() == "jax"


@pytest.mark.skipif(ON_JAX, reason="JAX has an analysis")
def test_a_backend_without_an_analysis_says_none():
    assert plan_step(tiny_head(), RECIPE, SIZE) is None


@pytest.mark.skipif(not ON_JAX, reason="JAX alone has an analysis")
def test_a_larger_batch_takes_more():
    small, large = (
        plan_step(tiny_head(), RECIPE.replace(batch_size=n), SIZE)
        for n in (8, 32)
    )
    pixels = 4 * 3 * SIZE**2
    assert small.bytes > 8 * pixels
    assert large.bytes - small.bytes >= 24 * pixels
    assert large.flops == pytest.approx(4 * small.flops, rel=0.1)


@pytest.mark.skipif(not ON_JAX, reason="JAX alone has an analysis")
def test_operations_are_those_of_the_layers():
    image = keras.Input((SIZE, SIZE, 3))
    flat = keras.layers.Flatten()(image)
    model = keras.Model(image, keras.layers.Dense(50)(flat))
    plan = plan_step(model, RECIPE.replace(batch_size=8), SIZE)
    # Forward, and backward to the kernel; nobody asks for the image's.
    products = 2 * 2 * 8 * 50 * 3 * SIZE**2
    assert plan.flops == pytest.approx(products, rel=0.25)
