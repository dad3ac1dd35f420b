"""The linear probe on pooled maps."""

import sys

import keras
import numpy as np
import pytest

from keras_snow.data import views
from keras_snow.data.task import Task
from keras_snow.evaluation.linear_probe import linear_probe
from keras_snow.evaluation.linear_probe import split_statistics
from keras_snow.sources.source import Source

MODULE = "keras_snow.evaluation.linear_probe"


def a_source():
    """Four maps of local brightness."""
    image = keras.Input((None, None, 3))
    even = keras.initializers.Constant(1 / 27)
    late = keras.layers.Conv2D(
        4, 3, 2, "same", kernel_initializer=even, name="late"
    )
    return Source(keras.Model(image, late(image)), ["late"])


def a_task_of_brightness():
    """Class 0 is dark, class 1 bright."""
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 2
    images = (
        rng.integers(0, 100, (120, 8, 8, 3)) + 120 * labels[:, None, None, None]
    )
    return Task.from_arrays(images.astype("uint8"), labels)


def test_learns_what_is_linear_in_the_features():
    result = linear_probe(a_source(), a_task_of_brightness(), image_size=8)
    assert result["top1"] > 0.9
    assert result["left_out_top1"] > 0.9
    assert result["validation_top1"] > 0.9
    assert result["features"] == 8


def test_many_images_have_fewer_views(monkeypatch):
    monkeypatch.setattr(views, "MOST_EXAMPLES", 100)
    result = linear_probe(a_source(), a_task_of_brightness(), image_size=8)
    assert result["views"] == 1
    monkeypatch.setattr(views, "MOST_EXAMPLES", 40)
    monkeypatch.setattr(sys.modules[MODULE], "MOST_EXAMPLES", 40)
    result = linear_probe(a_source(), a_task_of_brightness(), image_size=8)
    assert result["top1"] > 0.9


def test_statistics_are_those_of_every_image_of_a_split():
    source, task = a_source(), a_task_of_brightness()
    found = split_statistics(source, task, "test", image_size=8)
    assert found["late"].shape == (len(task.labels("test")), 2, 4)
    bright = task.labels("test") == 1
    means = found["late"][:, 0, 0]
    assert means[bright].min() > means[~bright].max()


def test_a_source_of_one_size_names_the_option():
    image = keras.Input((12, 12, 3))
    network = keras.Model(image, keras.layers.Conv2D(8, 3)(image))
    with pytest.raises(ValueError, match="--image-size 12"):
        linear_probe(Source(network), a_task_of_brightness(), 8)


def test_unknown_levels_name_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `all`"):
        linear_probe(a_source(), a_task_of_brightness(), levels="al")
