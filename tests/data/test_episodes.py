"""Episodes: what is drawn, how often, and that nothing else decides it."""

import numpy as np
import pytest

from keras_snow.data.episodes import EpisodeSampler
from keras_snow.data.episodes import EpisodeShape

# In no order, unlike in size, numbers left out.
LABELS = np.random.default_rng(0).permutation(
    np.repeat([1, 2, 4, 7], [4, 5, 9, 6])
)
SHAPE = EpisodeShape(ways=3, shots=2, queries=2)


def test_classes_differ_and_support_and_queries_are_disjoint():
    drawn = EpisodeSampler(LABELS, SHAPE).draw(0, 200)
    assert np.all(LABELS[drawn.support] == drawn.classes[..., None])
    assert np.all(LABELS[drawn.queries] == drawn.classes[..., None])
    for classes, *images in zip(*drawn, strict=True):
        assert len(set(classes)) == 3
        assert len(set(np.concatenate(images, axis=-1).ravel())) == 3 * 4


def test_an_episode_is_a_function_of_seed_and_number():
    many = EpisodeSampler(LABELS, SHAPE, seed=5).draw(0, 30)
    alone = EpisodeSampler(LABELS, SHAPE, seed=5).draw(17)
    for one, all_of_them in zip(alone, many, strict=True):
        np.testing.assert_array_equal(one[0], all_of_them[17])
    other = EpisodeSampler(LABELS, SHAPE, seed=6).draw(0, 30)
    assert not np.array_equal(many.support, other.support)


def test_every_image_of_a_class_is_as_likely_anywhere():
    labels = np.repeat([0, 1, 2], 5)
    drawn = EpisodeSampler(labels, EpisodeShape(2, 1, 3)).draw(0, 6000)
    for images in (*np.moveaxis(drawn.queries, -1, 0), drawn.support[..., 0]):
        share = np.bincount(images.ravel(), minlength=15) / images.size
        # Six standard errors around 1/15.
        np.testing.assert_allclose(share, 1 / 15, atol=6 * 0.0023)


def test_too_few_classes_are_refused():
    with pytest.raises(ValueError, match="ways=5, 4 classes"):
        EpisodeSampler(LABELS, EpisodeShape())


def test_a_class_with_too_few_images_is_named():
    names = ["", "ant", "bee", "", "cat", "", "", "dog"]
    with pytest.raises(ValueError, match="class='ant' with 4 images"):
        EpisodeSampler(LABELS, EpisodeShape(2, 3, 2), names=names)
