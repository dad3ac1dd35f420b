"""Prototypes: three distances against plain loops; what is learned, saved."""

import keras
import numpy as np
import pytest

from keras_snow.layers.prototypes import DISTANCES
from keras_snow.layers.prototypes import Prototypes

DRAW = np.random.default_rng(0)
SUPPORT = DRAW.normal(size=(2, 3, 4, 8)).astype("float32")
QUERIES = DRAW.normal(size=(2, 5, 8)).astype("float32")


def each_pair(function):
    """Returns `function(query, mean)` of all pairs, `(2, 5, 3)`."""
    means = SUPPORT.mean(axis=2)
    return np.array(
        [
            [[function(q, mean) for mean in means[e]] for q in QUERIES[e]]
            for e in range(2)
        ]
    )


def logits_of(layer, **options):
    found = layer(SUPPORT, QUERIES, **options)
    return keras.ops.convert_to_numpy(found)


def test_euclidean_is_minus_the_squared_distance():
    expected = each_pair(lambda q, mean: -np.sum((q - mean) ** 2))
    np.testing.assert_allclose(logits_of(Prototypes()), expected, atol=1e-5)


def test_cosine_has_a_learned_factor():
    layer = Prototypes("cosine")
    logits_of(layer)
    layer.scale.assign(3.0)
    expected = each_pair(
        lambda q, mean: (
            3.0 * q @ mean / np.linalg.norm(q) / np.linalg.norm(mean)
        )
    )
    np.testing.assert_allclose(logits_of(layer), expected, atol=1e-5)
    assert len(layer.trainable_weights) == 1


def test_parametric_is_four_linear_layers_of_a_pair():
    layer = Prototypes("parametric", seed=0)
    found = logits_of(layer)
    kernels = [np.array(x.kernel) for x in layer.of_pair]
    first = np.concatenate([layer.of_query.kernel, layer.of_class.kernel])
    kernels = [first, *kernels]
    assert [x.shape for x in kernels] == [(16, 8), (8, 4), (4, 2), (2, 1)]

    def function(query, mean):
        x = np.concatenate([query, mean])
        for kernel in kernels[:-1]:
            x = np.maximum(x @ kernel, 0.0)
        return (x @ kernels[-1])[0]

    np.testing.assert_allclose(found, each_pair(function), atol=1e-5)
    assert not np.allclose(logits_of(layer, training=True), found)


@pytest.mark.parametrize("distance", DISTANCES)
def test_saved_and_loaded_it_answers_alike(distance, tmp_path):
    support, queries = keras.Input((3, 4, 8)), keras.Input((None, 8))
    logits = Prototypes(distance)(support, queries)
    assert logits.shape == (None, None, 3)
    model = keras.Model([support, queries], logits)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    answers = [x([SUPPORT, QUERIES]) for x in (model, loaded)]
    np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, answers))


def test_an_unknown_distance_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="`euclidean`"):
        Prototypes("euclidian")
