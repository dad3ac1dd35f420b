"""XLA's plan of a training step."""

import keras
import pytest
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_head

from keras_snow.training.step_memory import planned_step_memory

ON_JAX = keras.backend.backend() == "jax"


@pytest.mark.skipif(ON_JAX, reason="JAX has an analysis")
def test_a_backend_without_an_analysis_says_none():
    assert planned_step_memory(tiny_head(), RECIPE, SIZE) is None


@pytest.mark.skipif(not ON_JAX, reason="JAX alone has an analysis")
def test_a_larger_batch_takes_more():
    small, large = (
        planned_step_memory(tiny_head(), RECIPE.replace(batch_size=n), SIZE)
        for n in (8, 32)
    )
    pixels = 4 * 3 * SIZE**2
    assert small > 8 * pixels
    assert large - small >= 24 * pixels
