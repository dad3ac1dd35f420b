"""Source: cut, frozen, in inference mode, and without a gradient."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow.layers import Preprocessing
from keras_snow.sources import Source
from keras_snow.sources import Tap
from tests.toys import SIZE
from tests.toys import STAGES
from tests.toys import assert_equal_values
from tests.toys import images
from tests.toys import residual_network
from tests.toys import values_of


def arrays(maps):
    return {name: ops.convert_to_numpy(value) for name, value in maps.items()}


def test_gives_the_maps_of_the_network_bit_by_bit():
    network = residual_network()
    maps = arrays(Source(network, engine="keras")(images()))
    assert list(maps) == list(STAGES)
    for name, value in maps.items():
        alone = keras.Model(network.input, network.get_layer(name).output)
        np.testing.assert_array_equal(
            value, ops.convert_to_numpy(alone(images()))
        )


def test_knows_the_channels_and_strides_of_its_taps():
    source = Source(residual_network())
    for tap in source.taps:
        maps = source(images(1))[tap.name]
        assert maps.shape == (1, *[SIZE // tap.stride] * 2, tap.channels)


def test_is_cut_behind_its_last_tap():
    source = Source(residual_network(), ["block1_out"])
    names = [layer.name for layer in source.network.layers]
    assert names[-1] == "block1_out"
    assert not any("block2" in name or name == "top" for name in names)


def test_taps_are_put_in_the_order_of_depth():
    source = Source(residual_network(), ["block3_out", "stem_relu"])
    assert [tap.name for tap in source.taps] == ["stem_relu", "block3_out"]


def test_a_tap_may_be_any_layer_with_maps():
    source = Source(residual_network(), ["block2_1_conv"])
    assert source.taps == (Tap("block2_1_conv", 16, 4),)


def test_training_mode_changes_nothing():
    source = Source(residual_network())
    before = values_of(source)
    still = arrays(source(images(), training=False))
    trained = arrays(source(images(), training=True))
    for name, value in still.items():
        np.testing.assert_array_equal(value, trained[name])
    assert_equal_values(before, values_of(source))


def test_nothing_in_it_can_be_trained():
    source = Source(residual_network())
    assert not source.trainable_variables
    source.trainable = True
    for layer in source.layers:
        layer.trainable = True
    assert not source.trainable
    assert not source.trainable_variables


def test_takes_any_image_size_that_its_network_takes():
    source = Source(residual_network())
    for size in (32, 48, 37):
        maps = source(images(1, size))
        assert maps["stem_relu"].shape[1] == -(-size // 2)


def test_an_unknown_tap_gets_the_nearest_name():
    with pytest.raises(ValueError, match="Did you mean `block1_out`") as error:
        Source(residual_network(), ["block1_aut"])
    assert str(error.value).endswith("Received: tap='block1_aut'")


def test_a_tap_without_maps_is_refused():
    with pytest.raises(ValueError, match="Received: tap='pool'"):
        Source(residual_network(), ["pool"])


def test_no_taps_at_all_are_refused():
    with pytest.raises(ValueError, match="at least one tap"):
        Source(residual_network(), [])


def test_a_network_without_maps_says_that_taps_must_be_named():
    image = keras.Input((4, 4, 3))
    network = keras.Model(image, layers.Dense(2)(layers.Flatten()(image)))
    with pytest.raises(ValueError, match="No block ends"):
        Source(network)


def test_select_cuts_further():
    source = Source(residual_network()).select(["stem_relu", "block2_out"])
    assert [tap.name for tap in source.taps] == ["stem_relu", "block2_out"]
    assert source.network.layers[-1].name == "block2_out"


def test_names_do_not_grow_with_every_cut():
    source = Source(residual_network())
    name = source.network.name
    for _ in range(3):
        source = source.select([tap.name for tap in source.taps])
    assert source.network.name == name


def test_the_fingerprint_is_of_the_weights_not_of_the_names():
    names = list(STAGES)
    first = Source(residual_network(seed=0, name="one"), names)
    assert first.fingerprint == Source(residual_network(), names).fingerprint
    assert first.fingerprint != Source(residual_network(seed=1)).fingerprint


def test_the_fingerprint_is_of_the_part_in_use():
    whole = Source(residual_network())
    early = whole.select(["stem_relu", "block1_out"])
    assert early.fingerprint != whole.fingerprint
    again = Source(residual_network(), ["stem_relu", "block1_out"])
    assert early.fingerprint == again.fingerprint


def test_the_fingerprint_is_of_the_preprocessing_too():
    def network(mode):
        image = keras.Input((None, None, 3))
        x = Preprocessing(mode)(image)
        x = keras.layers.Conv2D(8, 3, kernel_initializer="ones")(x)
        return keras.Model(image, x)

    first, again, other = (
        Source(network(mode)).fingerprint for mode in ("tf", "tf", "torch")
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    "kinds",
    [
        [{"mean": [120.0, 110, 100]}, {"mean": [0.0, 0, 0]}],
        [{"strides": 1}, {"strides": 2}],
        [{"activation": "relu"}, {"activation": "gelu"}],
        [{"slope": 0.1}, {"slope": 0.2}],
        [{"pool": "MaxPooling2D"}, {"pool": "AveragePooling2D"}],
    ],
)
def test_the_fingerprint_is_of_what_layers_do(kinds, tmp_path):
    def network(
        mean=(9.0, 9.0, 9.0),
        strides=1,
        activation=None,
        slope=0.3,
        pool="MaxPooling2D",
    ):
        image = keras.Input((None, None, 3))
        x = keras.layers.Normalization(mean=mean, variance=[9e3] * 3)(image)
        x = keras.layers.Conv2D(
            8,
            3,
            strides,
            activation=activation,
            kernel_initializer="ones",
        )(x)
        x = keras.layers.LeakyReLU(slope)(x)
        x = getattr(keras.layers, pool)(2, name="end")(x)
        return Source(keras.Model(image, x), ["end"])

    one, again, other = (
        network(**kind) for kind in (kinds[0], kinds[0], kinds[1])
    )
    assert one.fingerprint == again.fingerprint
    assert one.fingerprint != other.fingerprint
    one.save(tmp_path / "one.keras")
    loaded = keras.saving.load_model(tmp_path / "one.keras")
    assert loaded.fingerprint == one.fingerprint


@pytest.mark.parametrize(
    "pair",
    [
        (lambda x: x / 255.0, lambda x: x / 127.5),
        (lambda x: x - 1.0, lambda x: 1.0 - x),
        (lambda x: x / 255.0, lambda x: x / 255.0 - 1.0),
        (lambda x: x * np.float32([1, 2, 3]), lambda x: x * 2.0),
    ],
)
def test_the_fingerprint_is_of_operations_too(pair, tmp_path):
    def source(scale):
        image = keras.Input((None, None, 3))
        x = keras.layers.Conv2D(4, 3, name="end", kernel_initializer="ones")(
            scale(image)
        )
        return Source(keras.Model(image, x), ["end"])

    one, again, other = (source(scale) for scale in (pair[0], *pair))
    assert one.fingerprint == again.fingerprint
    assert one.fingerprint != other.fingerprint
    one.save(tmp_path / "one.keras")
    loaded = keras.saving.load_model(tmp_path / "one.keras")
    assert loaded.fingerprint == one.fingerprint


def test_a_changed_weight_changes_the_fingerprint():
    network = residual_network()
    before = Source(network).fingerprint
    kernel = network.get_layer("stem_conv").kernel
    kernel.assign(kernel * 1.0001)
    assert Source(network).fingerprint != before


def test_a_saved_source_gives_the_same(tmp_path):
    source = Source(residual_network(), ["stem_relu", "block2_out"])
    source.save(tmp_path / "source.keras")
    again = keras.saving.load_model(tmp_path / "source.keras")
    assert isinstance(again, Source)
    assert again.taps == source.taps
    assert again.fingerprint == source.fingerprint
    assert not again.trainable_variables
    for one, other in zip(
        again(images()).values(), source(images()).values(), strict=True
    ):
        np.testing.assert_array_equal(
            ops.convert_to_numpy(one), ops.convert_to_numpy(other)
        )


def test_shared_layers_do_not_confuse_the_taps():
    image = keras.Input((None, None, 3))
    twice = layers.Conv2D(4, 3, 1, "same", name="twice")
    first = layers.Conv2D(4, 3, 2, "same", name="first")(image)
    network = keras.Model(image, twice(twice(first)))
    maps = arrays(Source(network, ["first", "twice"])(images(1)))
    expected = twice(twice(maps["first"]))
    np.testing.assert_allclose(
        maps["twice"], ops.convert_to_numpy(expected), rtol=1e-5
    )
