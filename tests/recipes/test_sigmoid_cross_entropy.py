"""The loss of images with several classes."""

import keras
import numpy as np
import pytest

from keras_snow.recipes import Recipe
from keras_snow.recipes.sigmoid_cross_entropy import SigmoidCrossEntropy


def test_it_is_keras_own_times_the_number_of_classes():
    draw = np.random.default_rng(0)
    rows, logits = draw.integers(0, 2, (5, 4)), draw.normal(size=(5, 4))
    keras_own = keras.losses.BinaryCrossentropy(
        from_logits=True, label_smoothing=0.1
    )
    found = float(SigmoidCrossEntropy(0.1)(rows, logits))
    expected = 4 * float(keras_own(rows.astype("float32"), logits))
    assert found == pytest.approx(expected, rel=1e-5)


def test_a_recipe_builds_it():
    loss = Recipe(label_smoothing=0.2).build_loss(multi_label=True)
    assert loss.get_config()["label_smoothing"] == 0.2
    with pytest.raises(ValueError, match="label_smoothing=1"):
        SigmoidCrossEntropy(1.0)
