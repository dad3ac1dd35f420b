"""A layer that a network calls several times: each call has a name."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow.baselines import build_method
from keras_snow.models import SNOWModel
from keras_snow.sources import Source
from keras_snow.sources import find_block_ends
from keras_snow.sources import find_candidates
from tests.toys import SETTINGS
from tests.toys import images


def conv(filters, name, strides=1):
    return layers.Conv2D(filters, 3, strides, "same", name=name)


def shared_functions():
    """One ReLU and one pooling between three convolutions."""
    relu, pool = layers.ReLU(name="relu"), layers.MaxPooling2D(2, name="pool")
    x = image = keras.Input((None, None, 3))
    for index, filters in enumerate((4, 8, 16)):
        x = pool(relu(conv(filters, f"conv{index}")(x)))
    return keras.Model(image, x)


def shared_model():
    """A model that is called twice."""
    given = keras.Input((None, None, 8))
    inner = keras.Model(given, conv(8, "last")(conv(8, "first")(given)))
    image = keras.Input((None, None, 3))
    x = inner(conv(8, "stem", 2)(image))
    x = inner(layers.MaxPooling2D(2, name="pool")(x))
    return keras.Model(image, x)


def names(taps):
    return [tap.name for tap in taps]


def maps_of(source):
    return {
        name: ops.convert_to_numpy(maps)
        for name, maps in source(images()).items()
    }


def test_each_call_is_listed_at_its_place():
    assert names(find_candidates(shared_functions())) == [
        *("conv0", "relu.1", "pool.1"),
        *("conv1", "relu.2", "pool.2"),
        *("conv2", "relu", "pool"),
    ]
    assert names(find_candidates(shared_model())) == [
        *("stem", "first.1", "last.1", "pool", "first", "last")
    ]


def test_block_ends_are_calls():
    ends = find_block_ends(shared_functions())
    assert names(ends) == ["relu.1", "relu.2", "relu", "pool"]
    assert [tap.stride for tap in ends] == [1, 2, 4, 8]
    assert names(find_block_ends(shared_model())) == ["last.1", "last"]


def test_a_tap_gives_what_its_call_gives():
    network = shared_functions()
    found = maps_of(Source(network))
    maps = images()
    for number, tap in enumerate(("relu.1", "relu.2", "relu")):
        maps = ops.relu(network.get_layer(f"conv{number}")(maps))
        np.testing.assert_allclose(found[tap], maps, rtol=1e-5)
        maps = ops.max_pool(maps, 2, strides=2)
    np.testing.assert_allclose(found["pool"], maps, rtol=1e-5)


@pytest.mark.parametrize("network", [shared_functions, shared_model])
def test_names_of_calls_outlive_saving_and_cutting(network, tmp_path):
    source = Source(network())
    found = maps_of(source)
    source.save(tmp_path / "source.keras")
    again = Source.from_file(tmp_path / "source.keras")
    assert again.taps == source.taps
    assert again.fingerprint == source.fingerprint
    first = again.select(names(source.taps)[:1])
    for part in (again, first, first.select(names(first.taps))):
        for name, maps in maps_of(part).items():
            np.testing.assert_array_equal(maps, found[name])


def test_a_cut_that_leaves_other_calls_out_keeps_the_name(tmp_path):
    relu = layers.ReLU(name="relu")
    image = keras.Input((None, None, 3))
    sides = ("left", "middle", "right")
    branches = [relu(conv(4, name)(image)) for name in sides]
    network = keras.Model(image, layers.Concatenate(name="both")(branches))
    found = maps_of(Source(network, ["relu.2", "both"]))["relu.2"]
    source = Source(network, ["relu.2"])
    source.save(tmp_path / "source.keras")
    again = Source.from_file(tmp_path / "source.keras")
    assert names(again.taps) == ["relu.2"]
    assert len(again.network.layers) == 3
    np.testing.assert_array_equal(maps_of(again)["relu.2"], found)


@pytest.mark.once
def test_a_delta_reads_calls_and_is_saved_with_their_names(tmp_path):
    network = shared_functions()
    model = SNOWModel.from_source(network, 3, **SETTINGS)
    model.save_delta(tmp_path / "delta.keras")
    again = SNOWModel.from_delta(network, tmp_path / "delta.keras")
    assert again.delta.tap_names == ["relu.1", "relu.2", "relu"]
    logits = ops.convert_to_numpy(model(images()))
    assert logits.any()
    np.testing.assert_allclose(again(images()), logits, rtol=1e-4, atol=1e-5)


@pytest.mark.once
@pytest.mark.parametrize("method", ["lora", "pn", "mp_depthwise"])
def test_methods_that_change_each_convolution_say_what_they_cannot(method):
    with pytest.raises(ValueError, match="several times.*layer='first'"):
        build_method(method, shared_model(), 3)
    build_method(method, shared_functions(), 3)


@pytest.mark.once
@pytest.mark.parametrize("method", ["fo", "ft", "scratch"])
def test_methods_that_copy_a_network_copy_its_calls(method):
    model = build_method(method, shared_model(), 3)
    assert model(images()).shape == (4, 3)
