"""What is refused before the first step."""

import dataclasses

import keras
import pytest
from tiny_runs import RECIPE
from tiny_runs import tiny_head
from tiny_runs import tiny_task

from keras_snow.baselines import build_method
from keras_snow.sources import Source
from keras_snow.training import choose_placement
from keras_snow.training.checks import check_image_size
from keras_snow.training.checks import check_model
from tests.toys import residual_network

METHODS = ("snow", "fo", "ft", "fe", "pn", "lf", "probe_last", "probe_all")


@pytest.fixture(scope="module")
def source():
    """Three convolutions without padding leave nothing of fewer than 15 px."""
    image = keras.Input((None, None, 3))
    maps = image
    for name in ("first", "second", "third"):
        maps = keras.layers.Conv2D(8, 3, 2, name=name)(maps)
    return Source(keras.Model(image, maps), ["first", "second", "third"])


@pytest.mark.parametrize("method", METHODS)
def test_a_size_that_a_layer_shrinks_to_nothing(source, method):
    model = build_method(method, source, num_classes=3)
    check_image_size(model, 32)
    with pytest.raises(ValueError, match="too small"):
        check_image_size(model, 8)


@pytest.mark.parametrize("method", METHODS)
def test_a_size_that_the_source_was_not_built_for(method):
    network = residual_network(image_size=36)
    model = build_method(method, Source(network), num_classes=3)
    check_image_size(model, 36)
    with pytest.raises(ValueError, match="built for images of 36 x 36 pixels"):
        check_image_size(model, 64)


def devices(count):
    return dataclasses.replace(choose_placement(), replicas=count)


def test_a_batch_that_does_not_divide_among_devices_is_refused():
    with pytest.raises(ValueError, match=r"batch_size=8, devices=3"):
        check_model(tiny_head(), tiny_task(), devices(3), RECIPE)


@pytest.mark.parametrize("count", [1, 2, 8])
def test_a_batch_that_divides_is_taken(count):
    check_model(tiny_head(), tiny_task(), devices(count), RECIPE)


def test_a_model_of_another_number_of_classes_is_refused():
    with pytest.raises(ValueError, match="`num_classes=3`"):
        check_model(tiny_head(5), tiny_task(), devices(1), RECIPE)


def test_a_model_that_is_frozen_as_a_whole_is_refused():
    model = tiny_head()
    model.trainable = False
    with pytest.raises(ValueError, match="nothing to train"):
        check_model(model, tiny_task(), devices(1), RECIPE)
