"""A settled ChannelPooling keeps its choice."""

import numpy as np
import pytest
from keras import ops

from tests.layers.poolings import CHOOSING
from tests.layers.poolings import pooling_of
from tests.layers.poolings import random_importance


@pytest.mark.parametrize("binding", [*CHOOSING, "fixed"])
def test_settled_it_reads_the_chosen_maps_as_if_they_were_gathered(binding):
    layer = pooling_of(random_importance(12), k=4, binding=binding, sigma=1.0)
    maps = np.random.default_rng(1).normal(size=(2, 3, 3, 12)).astype("float32")
    expected = layer.subscribe(maps, training=False)
    chosen = layer.settle()
    for training in (True, False):
        found = layer.subscribe(maps[..., chosen], training=training)
        for ours, theirs in zip(found, expected, strict=True):
            assert (ours is None) == (theirs is None)
            if ours is not None:
                np.testing.assert_array_equal(
                    ops.convert_to_numpy(ours), ops.convert_to_numpy(theirs)
                )
    layer.unsettle()
    np.testing.assert_array_equal(
        ops.convert_to_numpy(layer.subscribe(maps, training=False).maps),
        ops.convert_to_numpy(expected.maps),
    )


@pytest.mark.parametrize("binding", ["rows", "slots"])
@pytest.mark.parametrize("least", [1.0, 0.0, -50.0])
def test_a_settled_choice_is_held_against_the_importances(binding, least):
    layer = pooling_of([2.0, 1.0, 3.0, 0.5], k=2, binding=binding)
    chosen = layer.settle()
    assert sorted(chosen) == [0, 2]
    moved = [least, least, 3.0, least - 2.0]
    layer.importance.assign(moved)
    layer.hold()
    held = ops.convert_to_numpy(layer.importance)
    np.testing.assert_allclose(held, moved, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(held[[0, 2, 3]], np.array(moved)[[0, 2, 3]])
    layer.unsettle()
    np.testing.assert_array_equal(layer.selected_channels(), chosen)
    layer.importance.assign(moved[::-1])
    layer.hold()
    np.testing.assert_array_equal(
        ops.convert_to_numpy(layer.importance), moved[::-1]
    )
