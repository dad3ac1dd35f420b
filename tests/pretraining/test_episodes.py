"""Training on episodes."""

import keras
import numpy as np
import pytest

from keras_snow.data.episodes import EpisodeSampler
from keras_snow.data.episodes import EpisodeShape
from keras_snow.data.pipeline import episode_batches
from keras_snow.data.pipeline import training_batches
from keras_snow.layers import Prototypes
from keras_snow.pretraining import Episodes
from keras_snow.pretraining.episode_model import EpisodeModel
from keras_snow.pretraining.episode_scoring import score_episodes
from tests.pretraining.tiny_pretexts import run
from tests.training.tiny_runs import tiny_task


def small_batches(first_epoch=0):
    task = tiny_task()
    labels = task.labels("train")
    sampler = EpisodeSampler(labels, EpisodeShape(3, 1, 2), seed=0)
    batches = training_batches(
        task, 16, batch_size=8, augmentation="flip", first_epoch=first_epoch
    )
    return episode_batches(batches, sampler, episodes=5)


def test_an_episode_is_a_function_of_its_number():
    images, labels = small_batches().reader(7)
    again, _ = small_batches(first_epoch=1).reader(2)
    np.testing.assert_array_equal(images, again)
    assert labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert images.shape == (9, 16, 16, 3)
    # A class of this task is the channel that is brightest.
    brightest = images.mean(axis=(1, 2)).argmax(axis=1)
    assert brightest[3:].tolist() == np.repeat(brightest[:3], 2).tolist()
    shown = next(iter(small_batches().data))
    assert [tuple(x.shape) for x in shown] == [(9, 16, 16, 3), (6,)]


def test_queries_are_compared_with_the_support_of_their_episode():
    image = keras.Input((None, None, 3))
    body = keras.Model(image, keras.layers.AveragePooling2D(1)(image))
    model = EpisodeModel(body, EpisodeShape(2, 2, 1), Prototypes())
    colours = np.array([1.0, 3.0, 10.0, 12.0, 2.0, 9.0])  # Two, two; then one.
    images = np.ones((6, 4, 4, 3)) * colours[:, None, None, None]
    expected = -3 * np.square(colours[4:, None] - [[2.0, 11.0]])
    np.testing.assert_allclose(model(images), expected, atol=1e-3)


def test_a_run_is_scored_on_episodes_of_other_images(network):
    record = run(
        "episodes", network, ways=3, shots=1, queries=2, episodes=4, mlp=8
    )
    assert record["settings"]["recipe"]["batch_size"] == 9
    test = record["results"]["test"]
    assert (test["ways"], test["shots"], test["queries"]) == (3, 1, 3)
    assert test["low"] <= test["top1"] <= test["high"]
    assert [(x["ways"], x["shots"]) for x in test["shapes"]] == [(3, 1)]
    assert len(record["curves"]["val_top1"]) == 3
    assert record["parameters"]["trained"] > 16 * 8 + 2 * 8 * 8


def test_a_split_with_too_few_images_is_not_scored():
    layer = Prototypes()
    features, labels = np.zeros((3, 4)), np.array([0, 0, 1])
    for shape in ((2, 1), (3, 1)):
        assert score_episodes(features, labels, layer, shape, 10, 0) is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ways": 4, "queries": 1}, "ways=4"),
        ({"ways": 2, "shots": 9, "queries": 7}, "shots=9"),
        ({"ways": 1}, "ways"),
        ({"distance": "cosin"}, "Did you mean `cosine`"),
    ],
)
def test_what_the_images_do_not_allow_is_refused(network, settings, words):
    with pytest.raises(ValueError, match=words):
        run("episodes", network, **settings)


def test_more_classes_than_in_testing_are_the_default():
    assert Episodes().ways > Episodes().test_ways
