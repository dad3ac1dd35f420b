"""Every source that is known by name keeps the contract of a source."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.models import SNOWModel
from keras_snow.sources import NETWORKS
from keras_snow.sources import load_source
from tests.toys import SETTINGS
from tests.toys import images

# One of each family that a minute of CI can afford.
FAST = (
    "resnet50",
    "resnet50v2",
    "mobilenet",
    "mobilenetv2",
    "densenet121",
    "efficientnetv2b0",
    "vgg16",
    "conv4",
    "squeezenet",
    "vit_small",
)
SIZE = 64
# Without padding nothing is left of smaller images, and sizes are rounded down
# again and again.
SIZES = {"inceptionv3": 128, "inceptionresnetv2": 128}
LOST = {
    "squeezenet": 1,
    "inceptionv3": 3,
    "inceptionresnetv2": 3,
    "xception": 3,
}


def size_for(name):
    """Returns pixels of a side; a transformer has one size."""
    return source_of(name).network.input_shape[1] or SIZES.get(name, SIZE)


NAMES = [
    pytest.param(name, marks=[pytest.mark.slow] * (name not in FAST))
    for name in NETWORKS.names()
]


@functools.cache
def source_of(name):
    return load_source(name, weights=None)


@functools.cache
def maps_of(name):
    maps = source_of(name)(images(1, size_for(name)), training=True)
    return {name: ops.convert_to_numpy(value) for name, value in maps.items()}


@pytest.mark.parametrize("name", NAMES)
def test_its_taps_lie_in_the_order_of_depth(name):
    taps = source_of(name).taps
    strides = [tap.stride for tap in taps]
    assert len(taps) >= 4
    assert strides == sorted(strides)
    whole = {4} if NETWORKS.get(name).small else {8, 16, 32}
    assert whole <= set(strides)
    assert len({tap.name for tap in taps}) == len(taps)


@pytest.mark.parametrize("name", NAMES)
def test_its_maps_are_what_its_taps_say(name):
    maps = maps_of(name)
    assert list(maps) == [tap.name for tap in source_of(name).taps]
    for tap in source_of(name).taps:
        side = size_for(name) // tap.stride
        _, height, width, channels = maps[tap.name].shape
        assert (height, channels) == (width, tap.channels)
        assert abs(height - side) <= LOST.get(name, 0)
        assert np.isfinite(maps[tap.name]).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_engine_gives_what_keras_gives(name):
    source = load_source(name, weights=None)
    draw = np.random.default_rng(0)
    for layer in source.network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.moving_mean.shape
            layer.moving_mean.assign(draw.normal(0, 0.1, shape))
            layer.moving_variance.assign(draw.uniform(0.5, 2.0, shape))
    found = {}
    for engine in ("keras", "float32", "bfloat16"):
        source.engine = engine
        found[engine] = {
            tap: np.asarray(ops.convert_to_numpy(maps), "float32")
            for tap, maps in source(images(1, size_for(name))).items()
        }
    for engine, bound in (("float32", 1e-5), ("bfloat16", 0.08)):
        for tap, expected in found["keras"].items():
            error = np.linalg.norm(found[engine][tap] - expected)
            assert error < bound * np.linalg.norm(expected), (engine, tap)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_it_is_trainable(name):
    source = source_of(name)
    source.trainable = True
    assert source.weights
    assert not source.trainable_variables


@pytest.mark.parametrize("name", NAMES)
def test_training_mode_is_inference_mode(name):
    still = source_of(name)(images(1, size_for(name)), training=False)
    for tap, value in maps_of(name).items():
        np.testing.assert_array_equal(value, ops.convert_to_numpy(still[tap]))


@pytest.mark.parametrize("name", NAMES)
def test_a_delta_of_it_gives_logits(name):
    model = SNOWModel.from_source(source_of(name), 3, **SETTINGS)
    logits = ops.convert_to_numpy(model(images(2, size_for(name))))
    assert logits.shape == (2, 3)
    assert np.isfinite(logits).all()


@pytest.mark.parametrize(
    ("name", "count"),
    [("resnet50", 17), ("resnet50v2", 17)]
    + [
        pytest.param(name, count, marks=pytest.mark.slow)
        for name, count in [
            ("resnet101", 34),
            ("resnet152", 51),
            ("resnet101v2", 34),
            ("resnet152v2", 51),
        ]
    ],
)
def test_a_resnet_has_a_tap_for_its_stem_and_each_block(name, count):
    assert len(source_of(name).taps) == count


@pytest.mark.parametrize(
    "name",
    ["mobilenetv2", pytest.param("convnexttiny", marks=pytest.mark.slow)],
)
def test_the_names_of_its_taps_are_the_same_in_the_next_process(name):
    # Keras' counters go on from model to model, as they do not in a file.
    first = load_source(name, weights=None)
    assert [t.name for t in first.taps] == [
        t.name for t in source_of(name).taps
    ]


def test_its_preprocessing_is_inside():
    network = keras.applications.MobileNetV2(include_top=False, weights=None)
    source = load_source("mobilenetv2", weights=None, taps=["Conv1_relu"])
    kernels = network.get_layer("Conv1").get_weights()
    source.network.get_layer("Conv1").set_weights(kernels)
    source.network.get_layer("bn_Conv1").set_weights(
        network.get_layer("bn_Conv1").get_weights()
    )
    pixels = images(1, SIZE)
    scaled = keras.applications.mobilenet_v2.preprocess_input(pixels.copy())
    cut = keras.Model(network.input, network.get_layer("Conv1_relu").output)
    np.testing.assert_allclose(
        ops.convert_to_numpy(source(pixels)["Conv1_relu"]),
        ops.convert_to_numpy(cut(scaled)),
        rtol=1e-4,
        atol=1e-4,
    )


@pytest.mark.slow
def test_resnet50_with_its_head_has_the_parameters_of_the_facts():
    network = keras.applications.ResNet50(weights=None)
    assert network.count_params() == 25_636_712
