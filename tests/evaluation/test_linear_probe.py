"""The linear probe on pooled maps."""

import keras
import numpy as np
import pytest

from keras_snow.data.task import Task
from keras_snow.evaluation.linear_probe import DECAYS
from keras_snow.evaluation.linear_probe import linear_probe
from keras_snow.evaluation.linear_probe import pooled_features
from keras_snow.sources.source import Source


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


def test_one_graph_learns_what_is_linear_in_the_features(monkeypatch):
    traced = []
    call = Source.call

    def count(self, images, training=None):
        traced.append(images.shape)
        return call(self, images, training)

    monkeypatch.setattr(Source, "call", count)
    source = a_source()
    result = linear_probe(source, a_task_of_brightness(), image_size=8)
    # One graph answers the images of all splits; JAX has one a batch size.
    on_tensorflow = keras.backend.backend() == "tensorflow"
    assert len(traced) == (1 if on_tensorflow else 4)
    assert result["top1"] > 0.9
    assert result["features"] == 4
    assert sorted(map(float, result["validation_top1"])) == list(DECAYS)


@pytest.mark.slow
def test_chooses_the_penalty_that_is_best_on_validation():
    result = linear_probe(
        a_source(), a_task_of_brightness(), 8, decays=(1e-3, 1e4)
    )
    assert result["decay"] == 1e-3


def test_features_are_the_means_of_the_maps():
    source, task = a_source(), a_task_of_brightness()
    features = pooled_features(source, task, "test", image_size=8)
    assert features.shape == (len(task.labels("test")), 4)


def test_a_source_of_one_size_names_the_option():
    image = keras.Input((12, 12, 3))
    network = keras.Model(image, keras.layers.Conv2D(8, 3)(image))
    with pytest.raises(ValueError, match="--image-size 12"):
        linear_probe(Source(network), a_task_of_brightness(), 8)


def test_unknown_levels_name_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `all`"):
        linear_probe(a_source(), a_task_of_brightness(), levels="al")
