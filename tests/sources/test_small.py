"""Small networks: their sizes, and weights from files."""

import math

import keras
import numpy as np
import pytest

from keras_snow.sources import load_source
from keras_snow.sources import small
from tests.toys import images

CAFFE_BLUE = 2  # The place of blue in RGB, the first in BGR.


def trained(network):
    return sum(math.prod(each.shape) for each in network.trainable_variables)


# As published, with the classifier of so many classes behind the last maps.
@pytest.mark.parametrize(
    ("build", "classes", "total"),
    [
        (small.conv4, 0, 113_088),
        (small.dense_net_bc, 10, 769_162),  # 0.8 million
        (small.res_net18, 10, 11_173_962),
        (small.squeeze_net, 0, 1_235_496 - 513 * 1000),
        (small.wide_res_net, 10, 36_479_194),  # 36.5 million
    ],
)
def test_a_network_has_the_published_number_of_parameters(
    build, classes, total
):
    network = build()
    features = network.output_shape[-1]
    assert trained(network) + classes * (features + bool(classes)) == total


@pytest.mark.slow
def test_densenet121_with_a_small_stem_is_densenet121_but_for_its_stem():
    network = small.dense_net121()
    whole = keras.applications.DenseNet121(weights=None, include_top=False)
    stem = (49 - 9) * 3 * 64 + 2 * 64  # A 7x7 convolution, normalised.
    assert trained(whole) - trained(network) == stem


def test_a_small_network_without_weights_says_how_to_get_some():
    with pytest.raises(ValueError, match="keras-snow pretrain.*conv4"):
        load_source("conv4")


def test_a_small_network_takes_weights_from_a_file(tmp_path):
    network = small.conv4()
    network.save_weights(tmp_path / "own.weights.h5")
    source = load_source("conv4", tmp_path / "own.weights.h5")
    maps = source(images(1))["block4_pool"]
    # A source folds its normalisations.
    np.testing.assert_allclose(maps, network(images(1)), atol=1e-4)


def test_squeezenet_reads_the_arrays_of_caffe_and_sees_rgb(tmp_path):
    network = small.squeeze_net()
    arrays = {
        f"{layer.name}/{weight.name}": np.zeros(weight.shape, "float16")
        for layer in network.layers
        for weight in layer.weights
    }
    arrays["conv1/kernel"][1, 1, 0] = 1.0  # Blue, in Caffe.
    np.savez(tmp_path / "caffe.npz", **arrays)
    source = load_source("squeezenet", tmp_path / "caffe.npz", ["conv1_relu"])
    pixels = np.zeros((1, 5, 5, 3))
    pixels[..., CAFFE_BLUE] = 110.0
    maps = np.array(source(pixels)["conv1_relu"])
    np.testing.assert_allclose(maps, 110.0 - 104.0)


def test_arrays_of_another_network_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", **{"conv1/kernel": np.zeros((1, 1))})
    with pytest.raises(ValueError, match=r"do not fit.*conv1/(kernel|bias)"):
        load_source("squeezenet", tmp_path / "other.npz")
