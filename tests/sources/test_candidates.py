"""Finding what can be tapped, on toy networks of known structure."""

import keras
import pytest
from keras import layers

from keras_snow.sources import Tap
from keras_snow.sources import find_block_ends
from keras_snow.sources import find_candidates
from tests.toys import STAGES
from tests.toys import residual_network


def image_input(size=None):
    return keras.Input((size, size, 3), name="image")


def names(taps):
    return [tap.name for tap in taps]


def plain_network():
    """A chain: two convolutions at each of two sizes, then a classifier."""
    image = image_input()
    x = layers.Conv2D(4, 3, 1, "same", name="conv1")(image)
    x = layers.Conv2D(4, 3, 1, "same", name="conv2")(x)
    x = layers.MaxPooling2D(2, name="pool1")(x)
    x = layers.Conv2D(8, 3, 1, "same", name="conv3")(x)
    x = layers.Conv2D(8, 3, 1, "same", name="conv4")(x)
    x = layers.GlobalAveragePooling2D(name="pool2")(x)
    return keras.Model(image, layers.Dense(2, name="logits")(x))


def dense_network():
    """Every layer of a block reads all before it; a transition shrinks."""
    x = image = image_input()
    x = layers.Conv2D(8, 3, 2, "same", name="stem")(x)
    for block in (1, 2):
        for index in (1, 2):
            y = layers.Conv2D(4, 3, 1, "same", name=f"new{block}{index}")(x)
            x = layers.Concatenate(name=f"concat{block}{index}")([x, y])
        x = layers.Conv2D(8, 1, name=f"transition{block}")(x)
        x = layers.AveragePooling2D(2, name=f"pool{block}")(x)
    return keras.Model(image, x)


def multi_branch_network():
    """Two blocks of three branches, as of Inception."""
    x = image = image_input()
    x = layers.Conv2D(8, 3, 2, "same", name="stem")(x)
    for block in (1, 2):
        strides = block
        branches = [
            layers.Conv2D(4, 1, strides, "same", name=f"a{block}")(x),
            layers.Conv2D(4, 3, strides, "same", name=f"b{block}")(x),
            layers.Conv2D(4, 3, 1, "same", name=f"c{block}_2")(
                layers.Conv2D(4, 1, strides, "same", name=f"c{block}_1")(x)
            ),
        ]
        x = layers.Concatenate(name=f"mixed{block}")(branches)
    return keras.Model(image, x)


def test_block_ends_of_a_residual_network():
    ends = find_block_ends(residual_network())
    assert ends == [
        Tap("stem_relu", 8, 2),
        Tap("block1_out", 8, 2),
        Tap("block2_out", 16, 4),
        Tap("block3_out", 32, 8),
    ]
    assert {tap.name: tap.channels for tap in ends} == STAGES


def test_block_ends_of_a_plain_network_lie_before_the_maps_shrink():
    assert names(find_block_ends(plain_network())) == ["conv2", "conv4"]


def test_block_ends_of_a_dense_network_are_the_growing_stacks_of_maps():
    ends = find_block_ends(dense_network())
    assert ends == [
        Tap("stem", 8, 2),
        Tap("concat11", 12, 2),
        Tap("pool1", 8, 4),
        Tap("concat21", 12, 4),
        Tap("pool2", 8, 8),
    ]


def test_block_ends_of_a_multi_branch_network():
    ends = find_block_ends(multi_branch_network())
    assert ends == [
        Tap("stem", 8, 2),
        Tap("mixed1", 12, 2),
        Tap("mixed2", 12, 4),
    ]


def test_no_path_leads_around_a_block_end():
    ends = names(find_block_ends(residual_network()))
    assert "block1_1_relu" not in ends
    assert "block2_0_bn" not in ends


def test_dropout_is_no_block_end():
    image = image_input()
    x = layers.Conv2D(8, 3, 1, "same", name="first")(image)
    x = layers.Dropout(0.5, name="dropout")(x)
    y = layers.Conv2D(8, 3, 1, "same", name="second")(x)
    network = keras.Model(image, layers.Add(name="sum")([x, y]))
    assert "dropout" not in names(find_block_ends(network))


def test_candidates_are_all_stacks_of_maps_in_the_order_of_depth():
    taps = find_candidates(plain_network())
    assert taps == [
        Tap("conv1", 4, 1),
        Tap("conv2", 4, 1),
        Tap("pool1", 4, 2),
        Tap("conv3", 8, 2),
        Tap("conv4", 8, 2),
    ]


def test_a_fixed_image_size_gives_the_same_strides():
    ends = find_block_ends(residual_network(image_size=32))
    assert ends == find_block_ends(residual_network())


def test_the_layers_of_a_nested_model_are_candidates():
    inner_image = keras.Input((None, None, 3))
    x = layers.Conv2D(8, 3, 2, "same", name="conv")(inner_image)
    inner = keras.Model(inner_image, x, name="inner")
    image = image_input()
    x = layers.Conv2D(4, 3, 1, "same", name="head")(inner(image))
    network = keras.Model(image, x)
    assert find_candidates(network) == [Tap("conv", 8, 2), Tap("head", 4, 2)]


def test_a_subclass_without_a_graph_is_refused():
    class Opaque(keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(ValueError, match="functional.*network=Opaque"):
        find_candidates(Opaque())


@pytest.mark.parametrize("shape", [(8,), (8, 8, 1), (8, 8, 4)])
def test_a_network_that_takes_no_rgb_is_refused(shape):
    inputs = keras.Input(shape)
    network = keras.Model(inputs, layers.Dense(2)(inputs))
    with pytest.raises(ValueError, match="RGB images.*Received: inputs="):
        find_block_ends(network)


def test_a_network_of_two_images_is_refused():
    inputs = [keras.Input((8, 8, 3)), keras.Input((8, 8, 3))]
    network = keras.Model(inputs, layers.Add()(inputs))
    with pytest.raises(ValueError, match="one input"):
        find_candidates(network)
