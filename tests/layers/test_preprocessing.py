"""Preprocessing against the functions of `keras.applications`."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.layers import Preprocessing

REFERENCES = {
    "caffe": keras.applications.resnet50.preprocess_input,
    "tf": keras.applications.mobilenet_v2.preprocess_input,
    "torch": keras.applications.densenet.preprocess_input,
    "none": lambda images: images,
}


def pixels():
    draw = np.random.default_rng(0)
    return draw.integers(0, 256, (2, 3, 4, 3)).astype("float32")


@pytest.mark.parametrize("mode", REFERENCES)
def test_equals_keras_applications(mode):
    np.testing.assert_allclose(
        ops.convert_to_numpy(Preprocessing(mode)(pixels())),
        REFERENCES[mode](pixels().copy()),
        rtol=1e-5,
        atol=1e-5,
    )


def test_an_unknown_mode_gets_the_nearest_name():
    with pytest.raises(ValueError, match="Did you mean `torch`.*'torsh'"):
        Preprocessing("torsh")


@pytest.mark.parametrize("mode", REFERENCES)
def test_its_configuration_makes_it_again(mode):
    layer = Preprocessing(mode, name="scaled")
    config = keras.saving.serialize_keras_object(layer)
    again = keras.saving.deserialize_keras_object(config)
    assert again.get_config() == layer.get_config()


def test_has_no_weights():
    layer = Preprocessing("caffe")
    layer(pixels())
    assert not layer.weights
