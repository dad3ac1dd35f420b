"""Copies of graphs: stages, thin parts, the main path, activations."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow.baselines.body import Body
from keras_snow.baselines.graphs import clone_network
from keras_snow.baselines.graphs import clone_thin
from keras_snow.baselines.graphs import copy_network
from keras_snow.baselines.graphs import draw_weights
from keras_snow.baselines.graphs import main_path
from keras_snow.baselines.graphs import network_between
from keras_snow.baselines.graphs import split_activation
from keras_snow.baselines.graphs import third_stage_end
from keras_snow.sources.source import Source
from tests.baselines.sources import the_source
from tests.toys import images
from tests.toys import residual_network


def numpy(value):
    return ops.convert_to_numpy(value).copy()


def chain(*steps):
    """A source of convolutions, `(maps, stride)` each, all tapped."""
    x = image = keras.Input((None, None, 3))
    for index, (filters, stride) in enumerate(steps):
        x = layers.Conv2D(filters, 3, stride, "same", name=f"c{index}")(x)
    names = [f"c{index}" for index in range(len(steps))]
    return Source(keras.Model(image, x), names)


def test_a_copy_has_the_values_and_not_the_variables():
    copy = copy_network(the_source())
    expected = numpy(the_source()(images())["block3_out"])
    np.testing.assert_allclose(
        numpy(copy(images())), expected, rtol=1e-4, atol=1e-5
    )
    shared = {id(w) for w in copy.weights} & {
        id(w) for w in the_source().network.weights
    }
    assert not shared


def test_a_clone_of_a_copy_gives_the_same():
    copy = copy_network(the_source())
    np.testing.assert_array_equal(
        numpy(clone_network(copy)(images())), numpy(copy(images()))
    )


def test_the_third_stage_ends_in_front_of_the_smallest_maps():
    assert third_stage_end(the_source()) == "block2_out"
    assert third_stage_end(chain((8, 2), (8, 2))) == "c0"


def test_a_block_that_only_shrinks_belongs_to_the_stage_before():
    # The second version of ResNet: the last block of a stage has the stride.
    source = chain((8, 2), (16, 1), (16, 2), (32, 1), (32, 1))
    assert third_stage_end(source) == "c2"


def test_a_part_cannot_be_cut_where_paths_lead_around_it():
    with pytest.raises(ValueError, match="lead around it"):
        network_between(the_source(), "block3_1_relu", "block3_out")


def test_a_thin_layer_keeps_eight_maps_or_what_it_had():
    for filters, kept in [(512, 64), (32, 8), (6, 6)]:
        layer = clone_thin(layers.Conv2D(filters, 1, name="c"), 0.125, "thin_")
        assert (layer.filters, layer.name) == (kept, "thin_c")


def test_a_thin_depthwise_convolution_stays_one():
    layer = clone_thin(layers.Conv2D(384, 7, groups=384), 0.125, "thin_")
    assert (layer.filters, layer.groups) == (48, 48)


def test_a_thin_sequence_is_thin_inside():
    sequence = keras.Sequential([layers.Conv2D(128, 2, name="c")], name="s")
    thin = clone_thin(sequence, 0.125, "thin_")
    assert (thin.name, thin.layers[0].filters) == ("thin_s", 16)


def test_a_block_that_no_path_leads_around_does_not_hide_the_stages_end():
    # As MobileNetV2: what follows the last sum has no shortcut of its own.
    x = image = keras.Input((None, None, 3))
    for name in ("first", "second"):
        y = layers.Conv2D(8, 3, 1 if x is not image else 2, "same")(x)
        if x is not image:
            y = layers.Add(name=name)([x, y])
        x = y
    y = layers.Conv2D(8, 3, 1, "same")(x)
    x = layers.Add(name="end")([x, y])
    x = layers.Conv2D(16, 3, 2, "same", name="small")(x)
    y = layers.Conv2D(16, 3, 1, "same")(x)
    x = layers.Add(name="last")([x, y])
    source = Source(keras.Model(image, x))
    assert "end" not in [tap.name for tap in source.taps]
    assert third_stage_end(source) == "end"


def test_shortcuts_are_not_on_the_main_path():
    source = the_source().select(["block3_out"])
    convolutions = [x for x in main_path(source.network) if "conv" in x]
    expected = [f"block{b}_{i}_conv" for b in (1, 2, 3) for i in (1, 2)]
    assert convolutions == ["stem_conv", *expected]


@pytest.mark.parametrize("activation", [None, "relu"])
def test_a_layer_and_its_activation_make_the_layer(activation):
    layer = layers.Conv2D(4, 3, activation=activation, name="c")
    expected = numpy(layer(images()))
    linear, after = split_activation(layer)
    if not linear.built:
        linear.build((None, None, None, 3))
    linear.set_weights(layer.get_weights())
    np.testing.assert_array_equal(numpy(after(linear(images()))), expected)


def test_weights_are_drawn_for_what_an_output_is_a_sum_of():
    dense, depthwise = layers.Conv2D(64, 3), layers.DepthwiseConv2D(3)
    for layer in (dense, depthwise):
        layer.build((None, None, None, 256))
    draw_weights([dense, depthwise], seed=0)
    for layer, fan_in in [(dense, 9 * 256), (depthwise, 9)]:
        spread = numpy(layer.kernel).std()
        np.testing.assert_allclose(spread, (2 / fan_in) ** 0.5, rtol=0.1)


def test_a_body_of_frozen_statistics_ignores_training_mode():
    network = copy_network(the_source())
    body = Body(network, ["block3_2_bn"])
    still = numpy(body(images(), training=True))
    np.testing.assert_array_equal(still, numpy(body(images())))
    moving = Body(clone_network(network), ["stem_bn"], statistics="moving")
    assert not np.allclose(numpy(moving(images(), training=True)), still)


def test_a_body_names_the_nearest_layer():
    network = residual_network()
    with pytest.raises(ValueError, match="Did you mean `block3_2_bn`"):
        Body(network, ["block3_2bn"])
    with pytest.raises(ValueError, match="Did you mean `moving`"):
        Body(network, [], statistics="moved")
