"""Checkpoints hold variables by name, and give them back by name."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_snow.callbacks import model_state


def dense(width=4, **options):
    return layers.Dense(width, **options)


def chain(*parts):
    """Returns a compiled chain of layers with an optimizer that has moved."""
    model = keras.Sequential([keras.Input((4,)), *parts], name="chain")
    model.compile(keras.optimizers.Adam(), "mse")
    model.optimizer.build(model.trainable_variables)
    draw = np.random.default_rng(len(parts))
    for variable in model.optimizer.variables[2:]:
        variable.assign(draw.normal(size=variable.shape))
    return model


def states_of(model):
    weights = model_state.read_weights(model)
    return weights, model_state.read_optimizer(model)


def write(model, weights, optimizer):
    model_state.write_weights(model, weights | optimizer)
    model_state.write_optimizer(model, weights | optimizer)


def test_layers_of_one_shape_get_their_own_values_in_another_order():
    weights, optimizer = states_of(chain(dense(name="a"), dense(name="b")))
    other = chain(dense(name="b"), dense(name="a"))
    write(other, weights, optimizer)
    for given, found in zip(
        (weights, optimizer), states_of(other), strict=True
    ):
        assert [*found] != [*given]
        assert found.keys() == given.keys()
        for name in given:
            np.testing.assert_array_equal(found[name], given[name])
    kernel = other.get_layer("a").kernel
    np.testing.assert_array_equal(kernel, weights["weight/chain/a/kernel"])
    slot = optimizer["optimizer/chain/a/kernel/momentum"]
    assert slot.any()


def test_layers_that_keras_has_counted_are_told_by_their_order():
    weights, optimizer = states_of(chain(dense(), dense()))
    other = chain(dense(), dense())
    write(other, weights, optimizer)
    assert {
        f"weight/chain/dense/kernel{x}" for x in ("", ":2")
    } < weights.keys()
    found = model_state.read_weights(other)
    assert [*found] == [*weights]
    for name in weights:
        np.testing.assert_array_equal(found[name], weights[name])


def test_files_older_than_the_names_are_read_by_position():
    model = chain(dense(name="a"), dense(name="b"))
    old = [
        {f"{prefix}_{at:04d}": x for at, x in enumerate(state.values())}
        for prefix, state in zip(
            ("weight", "optimizer"), states_of(model), strict=True
        )
    ]
    other = chain(dense(name="a"), dense(name="b"))
    write(other, *old)
    for one, same in zip(states_of(other), states_of(model), strict=True):
        for name in one:
            np.testing.assert_array_equal(one[name], same[name])


@pytest.mark.parametrize("names", [("a", "c"), ("a",), ("a", "b", "c")])
def test_a_checkpoint_of_other_layers_is_refused(names):
    weights, _ = states_of(chain(dense(name="a"), dense(name="b")))
    other = chain(*(dense(name=name) for name in names))
    with pytest.raises(ValueError, match="belongs to another model"):
        model_state.write_weights(other, weights)
