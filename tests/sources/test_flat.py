"""Networks that hold other networks, and sequential ones."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow.sources import Source
from keras_snow.sources import find_block_ends
from keras_snow.sources import find_candidates
from tests.toys import images
from tests.toys import residual_network


def base():
    image = keras.Input((None, None, 3))
    x = layers.Conv2D(16, 3, 2, "same", name="early")(image)
    x = layers.Conv2D(32, 3, 2, name="late")(x)
    return keras.Model(image, x, name="base")


def around(inner):
    image = keras.Input((None, None, 3))
    x = layers.Rescaling(1 / 127.5, -1.0)(image)
    x = layers.GlobalAveragePooling2D()(inner(x, training=False))
    return keras.Model(image, layers.Dense(3)(x))


def test_the_layers_of_an_inner_network_are_tapped():
    inner = base()
    source = Source(around(inner))
    assert [tap.name for tap in source.taps] == ["early", "late"]
    assert source.preprocessing == Source(around(base())).preprocessing != []
    np.testing.assert_allclose(
        ops.convert_to_numpy(source(images(2))["late"]),
        ops.convert_to_numpy(inner(images(2) / 127.5 - 1)),
        atol=1e-5,
    )


def test_an_inner_network_in_an_inner_network_is_opened():
    twice = keras.Sequential([keras.Input((None, None, 3)), base()])
    assert [x.name for x in find_block_ends(around(twice))] == ["early", "late"]


def test_branches_of_an_inner_network_stay():
    network = residual_network()
    taps = [tap.name for tap in Source(network).taps]
    inner = residual_network()
    image = keras.Input((None, None, 3))
    again = Source(keras.Model(image, inner(image)))
    assert [tap.name for tap in again.taps] == taps
    for name, maps in Source(network)(images(2)).items():
        np.testing.assert_array_equal(
            ops.convert_to_numpy(again(images(2))[name]),
            ops.convert_to_numpy(maps),
        )


def test_a_sequential_network_is_a_source():
    network = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(8, 3, 2, name="early"),
            layers.Conv2D(16, 3, 2, name="late"),
            layers.Flatten(),
        ]
    )
    assert [x.name for x in find_candidates(network)] == ["early", "late"]
    source = Source(network)
    assert [tap.name for tap in source.taps] == ["early", "late"]
    assert source(images(2))["late"].shape[-1] == 16


def test_one_that_was_never_built_is_refused():
    with pytest.raises(ValueError, match="functional"):
        Source(keras.Sequential([layers.Conv2D(8, 3)]))


def test_a_flat_network_is_left_as_it_is():
    network = residual_network()
    assert Source(network).network.get_layer("block1_1_conv") is (
        network.get_layer("block1_1_conv")
    )


def test_layers_of_one_name_in_two_networks_are_named():
    def inner(name):
        return keras.Sequential([layers.Conv2D(8, 3, name="conv")], name=name)

    network = keras.Sequential(
        [keras.Input((32, 32, 3)), inner("one"), inner("two")]
    )
    with pytest.raises(ValueError, match="layer='conv' in 'one' and in 'two'"):
        Source(network)
